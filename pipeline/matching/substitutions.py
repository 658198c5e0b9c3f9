"""Find substitutions: typed words in whose place other words were heard, which a typist does not write on purpose.

A region between two words that match has typed and heard words. Those that are alike in their letters are paired, and
a single one with a single one whatever it is::

    typed     and    I told    Wilhelmina   that
    heard     and    I had told    Philomena    that         Wilhelmina : Philomena

Whether the typist or the engine misheard, the sound says (see ``misheard``): each substitution has two stretches, the
same sound with the typed and with the heard words, between their heard neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import regex
from rapidfuzz import fuzz

from pipeline.matching.alignment.tokens import is_spoken
from pipeline.matching.forced.stretches import ForcedWord, Stretch
from pipeline.reading.words.fillers import FILLERS
from pipeline.reading.words.prompt_terms import speaker_names
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, Hearing, Run, Transcript
from pipeline.times import Ms, Span

LANGUAGE = "en"
"""The only language whose phones the classifier knows; in others nothing is compared."""

MOST_WORDS = 3
"""One word stands in the place of at most so many."""

MOST_REGION_WORDS = 6
"""A region with more words on either side is said in other words."""

MATCHED_BESIDE = 2
"""So many words match on one side of a region, and one on the other, if the text does not end there."""

LEAST_LIKENESS = 0.5
"""Words of a region are paired if their letters are so much alike (``rapidfuzz.fuzz.ratio``, 0..1)."""

MARGIN_MS: Ms = 60
"""The sound that is compared beyond the neighbours: Whisper's times are not exact."""

MOST_NEIGHBOUR_MS: Ms = 800
"""No more of a neighbour's sound is compared: Whisper extends words over pauses."""

END_MARGIN_MS: Ms = 300
"""The sound that is compared where there is no neighbour."""

LONGEST_MS: Ms = 6_000
"""A longer stretch has a pause or something else in it; none of a word and its neighbours is as long."""

FREELY_CHANGED = frozenset((
    "a", "ah", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "being", "but",
    "by", "can", "could", "did", "do", "does", "for", "from", "get", "going", "gonna", "got", "gotta", "had", "has",
    "have", "having", "he", "her", "hers", "hes", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "just", "kind", "know", "like", "may", "me", "mean", "might", "must", "my", "no", "not", "of", "off", "oh", "ok",
    "okay", "on", "one", "onto", "or", "our", "out", "over", "really", "shall", "she", "shes", "should", "so",
    "some", "sort", "than", "that", "thats", "the", "their", "them", "then", "there", "theres", "these", "they",
    "this", "those", "to", "too", "up", "us", "very", "wanna", "was", "we", "well", "were", "what", "whats", "when",
    "where", "which", "who", "will", "with", "would", "yeah", "yep", "yes", "yknow", "you", "your",
))  # fmt: skip
"""Words that a typist adds, drops and changes for the sake of the sentence."""

_ENDINGS = frozenset(
    ("", "al", "d", "e", "ed", "en", "er", "ers", "es", "est", "ies", "ing", "ly", "n", "r", "s", "ten", "y")
)
_LEAST_STEM = 3
"""Words with so many first letters in common and these endings are forms of one word: a typist corrects grammar."""

_AMERICAN = (("is", "iz"), ("ys", "yz"), ("our", "or"), ("ogue", "og"), ("ae", "e"), ("oe", "e"), ("ll", "l"))
"""Endings and letters of British spelling, and those of American spelling for them."""

_CONTRACTION = regex.compile(r"(?i)(?:n['’]t|['’](?:d|ll|m|n|re|st|th|ve))\b")
"""Those of verse too, as in "mak'st", "giv'n" and "sav'th"."""
_CENSORED = regex.compile(r"\p{L}\*+\p{L}|\*{2}")
_ROMAN = regex.compile(r"[IVX]{2,}+")
_EDGES = "“”\"‘’'()[],;:!?…"
_VOWEL = regex.compile(r"[aeiouy]")
_LONGEST_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class Substitution:
    """Typed words in whose place others were heard.

    Attributes:
        written: the typed words.
        heard: the heard words.
        span: when they are said.
        probability: the lowest of the heard words, by the engine.
        typed_stretch, heard_stretch: the sound with the typed words, and with the heard ones; a neighbour on each side.
    """

    written: Run
    heard: Run
    span: Span
    probability: float
    typed_stretch: Stretch
    heard_stretch: Stretch


def find_substitutions(transcript: Transcript, hearing: Hearing, alignment: Alignment) -> tuple[Substitution, ...]:
    """Return the substitutions in order; none in a language that the phone classifier does not know.

    Args:
        transcript: the transcript.
        hearing: what was heard, in words.
        alignment: of the two above.
    """
    if hearing.language != LANGUAGE:
        return ()
    texts = _Texts.of(transcript, hearing)
    pairs = (pair for region in _regions(texts, alignment) for pair in _pairs(texts, region))
    found = (texts.substitution(pair) for pair in pairs if not texts.is_on_purpose(pair))
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Typed and heard words, as runs of both texts."""

    written: Run
    heard: Run


@dataclass(frozen=True, slots=True)
class _Texts:
    """Both texts, with the keys of each word; an editor's word has none, nor has a filler.

    Attributes:
        names: the keys of the speakers' names, which the typist knows.
    """

    transcript: Transcript
    hearing: Hearing
    written: tuple[tuple[str, ...], ...]
    heard: tuple[tuple[str, ...], ...]
    names: frozenset[str]

    @classmethod
    def of(cls, transcript: Transcript, hearing: Hearing) -> _Texts:
        fillers = FILLERS[LANGUAGE]
        heard = (spoken_keys(word.text, LANGUAGE) for word in hearing.words)
        return cls(
            transcript,
            hearing,
            tuple(
                word.keys if is_spoken(word) and not fillers.issuperset(word.keys) else () for word in transcript.words
            ),
            tuple(() if fillers.issuperset(keys) else keys for keys in heard),
            frozenset(key for name in speaker_names(transcript) for key in spoken_keys(name, LANGUAGE)),
        )

    def typed_keys(self, pair: _Pair) -> tuple[str, ...]:
        return tuple(key for k in pair.written for key in self.written[k])

    def heard_keys(self, pair: _Pair) -> tuple[str, ...]:
        return tuple(key for j in pair.heard for key in self.heard[j])

    def turn(self, k: int) -> int:
        return self.transcript.words[k].utterance

    def likeness(self, pair: _Pair) -> float:
        """Return how much the letters are alike, 0 to 1."""
        return fuzz.ratio("".join(self.typed_keys(pair)), "".join(self.heard_keys(pair))) / 100

    def with_next(self, pair: _Pair, behind: Sequence[int]) -> _Pair:
        """Return a pair of one heard word with the one typed word behind it that no heard word is left for.

        Where "run later" is said and "run rough" is typed, "runLater" is heard for both words, and not for "run" alone.
        """
        is_one_more = len(behind) == len(pair.heard) == 1 and len(pair.written) < MOST_WORDS
        if not is_one_more or self.turn(behind[0]) != self.turn(pair.written.start):
            return pair
        is_free = not _significant(self.written[behind[0]])
        return pair if is_free else _Pair(Run(pair.written.start, behind[0] + 1), pair.heard)

    def is_on_purpose(self, pair: _Pair) -> bool:
        """Return whether the typist may have heard well and written something else, or both are the same."""
        typed, said = self.typed_keys(pair), self.heard_keys(pair)
        shown = " ".join(self.transcript.words[k].shown for k in pair.written)
        text = " ".join(self.hearing.words[j].text for j in pair.heard)
        return (
            "".join(typed) == "".join(said)
            or _significant(typed) == _significant(said)
            or _digits(shown) == _digits(text) != ""
            or (_digits(text) != "" and shown.strip(".,:").isupper())
            or _ROMAN.fullmatch(shown.strip(_EDGES + ".")) is not None
            or _CENSORED.search(shown) is not None
            or _is_part_of_number(shown, text, typed, said)
            or _is_shortened(shown, "".join(typed), "".join(said))
            or text.startswith("-")
            or not _significant(typed)
            or not _significant(said)
            or not self.names.isdisjoint(typed)
            or any(map(_CONTRACTION.search, (shown, text)))
            or _are_forms("".join(typed), "".join(said))
            or _american("".join(typed)) == _american("".join(said))
            or _is_abbreviation("".join(typed), "".join(said))
        )

    def substitution(self, pair: _Pair) -> Substitution | None:
        """Return the words with the sound that is compared; None if that is too long."""
        words, first, last = self.hearing.words, pair.heard.start, pair.heard.end - 1
        span = words[first].span.cover(words[last].span)
        before = next((j for j in range(first - 1, -1, -1) if self.heard[j]), None)
        after = next((j for j in range(last + 1, len(words)) if self.heard[j]), None)
        start, end = span.start - END_MARGIN_MS, span.end + END_MARGIN_MS
        if before is not None:
            start = max(words[before].span.start, words[before].span.end - MOST_NEIGHBOUR_MS) - MARGIN_MS
        if after is not None:
            end = min(words[after].span.end, words[after].span.start + MOST_NEIGHBOUR_MS) + MARGIN_MS
        start, end = max(0, start), min(self.hearing.duration, end)
        if not 0 < end - start <= LONGEST_MS:
            return None
        left = () if before is None else self.heard[before][-1:]
        right = () if after is None else self.heard[after][:1]
        in_capitals = all(self.transcript.words[k].shown.isupper() for k in pair.written)
        compared = ((self.typed_keys(pair), in_capitals), (self.heard_keys(pair), False))
        stretches = (
            Stretch(
                Span(start, start),
                Span(end, end),
                (*_compared(left), *_compared(keys, is_abbreviation=is_abbreviation), *_compared(right)),
                (*(None for _ in left), *(pair.written.start for _ in keys), *(None for _ in right)),
                LANGUAGE,
                is_comparison=True,
            )
            for keys, is_abbreviation in compared
        )
        probabilities = [p for j in pair.heard if (p := words[j].probability) is not None]
        return Substitution(pair.written, pair.heard, span, min(probabilities, default=1.0), *stretches)


def _compared(keys: Sequence[str], *, is_abbreviation: bool = False) -> Iterator[ForcedWord]:
    return (ForcedWord((key,), is_abbreviation, heard=None, optional=False) for key in keys)


def _significant(keys: Sequence[str]) -> list[str]:
    """Return the keys that a typist does not change freely: those of "a hundred" and of "one hundred" are the same."""
    return [key for key in keys if key not in FREELY_CHANGED]


def _digits(text: str) -> str:
    """Return the digits of a text: a number that is written in two ways has the same.

    "II" is heard as "2" too; and what begins with a hyphen is a part of the word before it.
    """
    return "".join(filter(str.isdecimal, text))


def _is_part_of_number(shown: str, text: str, typed: Sequence[str], said: Sequence[str]) -> bool:
    """Return whether one text is the number of the other without its unit or century: "$5" and "five", "1990s", "90s".

    "115" and "15" are two numbers. A fraction such as "½" has no keys of its own.
    """
    if any(letter.isnumeric() and not letter.isdecimal() for letter in shown + text):
        return True
    plain = [one.strip(_EDGES + ".").isdecimal() for one in (shown, text)]
    if _digits(shown + text) == "" or all(plain):
        return False
    few, many = sorted((typed, said), key=len)
    return any(list(many[k : k + len(few)]) == list(few) for k in range(len(many)))


def _is_shortened(shown: str, typed: str, said: str) -> bool:
    """Return whether a typed word is shortened with a point: "Prof." of "professor"; "etc." may be heard as "et".

    >>> _is_shortened("Prof.", "prof", "professor"), _is_shortened("cat", "cat", "catalogue")
    (True, False)
    """
    return shown.rstrip(_EDGES).endswith(".") and (said.startswith(typed) or typed.startswith(said))


def _are_forms(one: str, other: str) -> bool:
    """Return whether two words are forms of one, such as "build" and "builds".

    >>> _are_forms("regret", "regrets"), _are_forms("forgot", "forgotten"), _are_forms("listing", "listening")
    (True, True, False)
    """
    pairs = zip(one, other, strict=False)
    same = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    return any(one[k:] in _ENDINGS and other[k:] in _ENDINGS for k in range(_LEAST_STEM, same + 1))


def _american(word: str) -> str:
    """Return the American spelling of a word, about; the sound decides where the dictionary has both.

    >>> _american("visualising") == _american("visualizing"), _american("colour"), _american("travelled")
    (True, 'color', 'traveled')
    """
    for british, american in _AMERICAN:
        word = word.replace(british, american)
    return word


def _is_abbreviation(one: str, other: str) -> bool:
    """Return whether one word is an abbreviation of the other: a few consonants, such as "Mr" of "mister"."""
    few = (len(word) <= _LONGEST_ABBREVIATION and not _VOWEL.search(word) for word in (one, other))
    return one[:1] == other[:1] and any(few)


# --- what stands in the place of what ---------------------------------------------------------------------------------


def _regions(texts: _Texts, alignment: Alignment) -> Iterator[_Pair]:
    """Yield what is between words that match, where enough words beside it match."""
    ends = len(texts.transcript.words), len(texts.hearing.words)
    matched = [0]  # how many words match in a row before the first region, after it, and so on
    regions: list[_Pair] = []
    written = heard = 0
    for pairing in alignment.pairings:
        pair = _Pair(pairing.written, pairing.heard)
        if not (pairing.score > 0 and "".join(texts.typed_keys(pair)) == "".join(texts.heard_keys(pair)) != ""):
            continue
        if (pair.written.start, pair.heard.start) != (written, heard):
            regions.append(_Pair(Run(written, pair.written.start), Run(heard, pair.heard.start)))
            matched.append(0)
        matched[-1] += len(pair.written)
        written, heard = pair.written.end, pair.heard.end
    if (written, heard) != ends:
        regions.append(_Pair(Run(written, ends[0]), Run(heard, ends[1])))
        matched.append(0)
    for region, before, after in zip(regions, matched, matched[1:], strict=False):
        is_first = (region.written.start, region.heard.start) == (0, 0)
        is_last = (region.written.end, region.heard.end) == ends
        if max(before, after) >= MATCHED_BESIDE and (before or is_first) and (after or is_last):
            yield region


def _pairs(texts: _Texts, region: _Pair) -> Iterator[_Pair]:
    """Yield the words of a region that stand in each other's place, in order."""
    written = [k for k in region.written if texts.written[k]]
    heard = [j for j in region.heard if texts.heard[j]]
    if not written or not heard or max(len(written), len(heard)) > MOST_REGION_WORDS:
        return
    before = _Pair(Run(written[0], written[0]), Run(heard[0], heard[0]))
    after = _Pair(Run(written[-1] + 1, written[-1] + 1), Run(heard[-1] + 1, heard[-1] + 1))
    alike = sorted(_alike_pairs(texts, written, heard), key=lambda pair: pair.written.start)
    for one, following in zip((before, *alike), (*alike, after), strict=True):
        single = [k for k in written if one.written.end <= k < following.written.start]
        other = [j for j in heard if one.heard.end <= j < following.heard.start]
        if one is not before:
            yield one if other else texts.with_next(one, single)
        if len(single) == len(other) == 1:
            yield _Pair(Run(single[0], single[0] + 1), Run(other[0], other[0] + 1))


def _alike_pairs(texts: _Texts, written: Sequence[int], heard: Sequence[int]) -> list[_Pair]:
    """Return pairs of a single word and one or more that are alike, the most alike first; none crosses another."""
    of_one_turn = [run for run in _runs(written) if texts.turn(run.start) == texts.turn(run.end - 1)]
    pairs = (_Pair(w, h) for w, h in product(of_one_turn, _runs(heard)) if min(len(w), len(h)) == 1)
    taken: list[_Pair] = []
    for pair in sorted(pairs, key=texts.likeness, reverse=True):
        if texts.likeness(pair) < LEAST_LIKENESS:
            break
        if all(_is_before(pair, one) or _is_before(one, pair) for one in taken):
            taken.append(pair)
    return taken


def _runs(words: Sequence[int]) -> list[Run]:
    count = len(words)
    return [
        Run(words[first], words[last] + 1)
        for first in range(count)
        for last in range(first, min(count, first + MOST_WORDS))
    ]


def _is_before(one: _Pair, other: _Pair) -> bool:
    return one.written.end <= other.written.start and one.heard.end <= other.heard.start
