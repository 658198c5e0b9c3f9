"""Collect the names and terms of a show from its transcripts, for an episode with little or no typed text.

The hosts, the show's name and its jargon return from one episode to the next; a guest hardly does. So terms of many
transcripts come first, then terms of a late one.

Wrong words with the base model, without hints and with the terms of the other episode (``benchmark_hints``): episode 8
of the example 42 → 26 of 315 (names and terms right 29 → 42 of 50), episode 7 87 → 31 of 803 (18 → 31 of 33; 45 with
names that are not spoken). After the transcript's own terms they change little: 16 → 17 and 29 → 29.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.reading.words.prompt_terms import MAX_TERMS, all_terms, speaker_names
from pipeline.reading.words.script import LATIN, main_script
from pipeline.schema import Transcript

_MAX_FOR_SINGLE_USE = 3
"""Transcripts. With more, a term of a single transcript is left out: it is unlikely to return, and hints that are not
spoken do some harm. Twenty terms of another show, given with recordings of people: 114 → 112 wrong words of 841 with
base, 115 → 126 with tiny.en; in 14 episodes of a podcast (``benchmark_vocabulary``) one such term was transcribed
without being spoken."""


def collect_vocabulary(transcripts: Sequence[Transcript]) -> tuple[str, ...]:
    r"""Return the terms of one show's transcripts to give an engine as hints: at most ``MAX_TERMS``, each once.

    Each is a term of one transcript (see ``reading.words.prompt_terms``), in its latest spelling, and none is a part of
    another. The order: first by the number of transcripts, then by the latest transcript, then as in ``prompt_terms``.
    Panel members of only one of several transcripts come last. A term also counts where only a part of it occurs
    ("Priya" for "Priya Nand"). With four or more transcripts, a term of only one is left out. Terms in other letters
    than Latin are always left out: hints are used for English speech, and the engine would write those letters.

    Args:
        transcripts: in the order of the show, the oldest first.

    >>> from pipeline.reading.transcript import parse
    >>> show = ("**Ann Weir**: So.\n\n**Bo**: We all run `make`.", "**Ann Weir**: I still do run `make` today.")
    >>> collect_vocabulary([parse(source) for source in show])
    ('Ann Weir', 'make', 'Bo')
    """
    found = [[term for term in all_terms(one) if main_script([term]) in {None, LATIN}] for one in transcripts]
    counts = Counter(part for terms in found for part in {part for term in terms for part in _parts(term)})
    latest = {term.casefold(): (at, -i, term) for at, terms in enumerate(found) for i, term in enumerate(terms)}
    in_longer = {part for term in latest for part in _parts(term) if part != term}
    names = {name.casefold() for one in transcripts for name in speaker_names(one)}
    uses = {term: max(counts[part] for part in _parts(term) if part in latest) for term in latest.keys() - in_longer}

    def rank(term: str) -> tuple[bool, int, int, int]:
        transcript, position, _ = latest[term]
        is_guest = term in names and uses[term] == 1 < len(transcripts)
        return not is_guest, uses[term], transcript, position

    min_uses = 1 if len(transcripts) <= _MAX_FOR_SINGLE_USE else 2
    ranked = sorted((term for term, count in uses.items() if count >= min_uses), key=rank, reverse=True)
    return tuple(latest[term][2] for term in ranked[:MAX_TERMS])


def _parts(term: str) -> Iterator[str]:
    """Yield every run of a term's words, case-folded, the whole term included."""
    words = term.casefold().split()
    for start in range(len(words)):
        yield from (" ".join(words[start:end]) for end in range(start + 1, len(words) + 1))
