"""The words of a show: names and terms of its transcripts, for an episode of which little or nothing is typed yet.

The hosts, the show's own name and its jargon come back from one episode to the next; a guest hardly does. So what
stands in many transcripts goes first, then what stands in a late one.

Words wrong with base, told nothing and told the other episode's terms (``benchmark_hints``): episode 8 of the example
42 → 26 of 315 (names and terms right 29 → 42 of 50), episode 7 87 → 31 of 803 (18 → 31 of 33; 45 with names that nobody
says). Behind the transcript's own terms they change little: 16 → 17 and 29 → 29.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.reading.words.prompt_terms import MOST, people, terms
from pipeline.reading.words.script import LATIN, main_script
from pipeline.schema import Transcript

_FEW = 3
"""Transcripts. Of more, what stands in one alone is left out: it is hardly said again, and what is told and not said
does some harm. Twenty terms of another show, told to recordings of people: 114 → 112 words wrong of 841 with base,
115 → 126 with tiny.en; and in 14 episodes of a podcast (``benchmark_vocabulary``) such a term was heard once unsaid.
"""


def vocabulary(transcripts: Sequence[Transcript]) -> tuple[str, ...]:
    r"""The terms of some transcripts of one show that are worth telling an engine: ``MOST`` at most, each once.

    Each is a term of one of them (see ``reading.words.prompt_terms``), in the latest spelling, and none is a part of
    another. First what is in most of them, then what is in the latest, then in the order of ``prompt_terms``; people of
    the panel who are in one of several alone come last. A term counts where only a part of it stands, too ("Priya" for
    "Priya Nand"). Where there are four transcripts or more, what only one has is left out; and so is always what is in
    other letters than Latin: an engine is told terms where it hears English, and would write those letters.

    Args:
        transcripts: in the order of the show, the oldest first.

    >>> from pipeline.reading.transcript import parse
    >>> show = ("**Ann Weir**: So.\n\n**Bo**: We all run `make`.", "**Ann Weir**: I still do run `make` today.")
    >>> vocabulary([parse(source) for source in show])
    ('Ann Weir', 'make', 'Bo')
    """
    listed = [[term for term in terms(one) if main_script([term]) in {None, LATIN}] for one in transcripts]
    counts = Counter(part for found in listed for part in {part for term in found for part in _parts(term)})
    latest = {term.casefold(): (at, -i, term) for at, found in enumerate(listed) for i, term in enumerate(found)}
    in_longer = {part for term in latest for part in _parts(term) if part != term}
    named = {name.casefold() for one in transcripts for name in people(one)}
    most = {term: max(counts[part] for part in _parts(term) if part in latest) for term in latest.keys() - in_longer}

    def rank(term: str) -> tuple[bool, int, int, int]:
        at, place, _ = latest[term]
        is_guest = term in named and most[term] == 1 < len(transcripts)
        return not is_guest, most[term], at, place

    least = 1 if len(transcripts) <= _FEW else 2
    ranked = sorted((term for term, count in most.items() if count >= least), key=rank, reverse=True)
    return tuple(latest[term][2] for term in ranked[:MOST])


def _parts(term: str) -> Iterator[str]:
    """The runs of a term's words, folded; itself among them."""
    words = term.casefold().split()
    for start in range(len(words)):
        yield from (" ".join(words[start:end]) for end in range(start + 1, len(words) + 1))
