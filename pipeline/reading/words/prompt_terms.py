"""Names and terms of a transcript that a speech engine may not know how to spell; never its prose.

Whisper takes what it is shown for what was said before, and goes on in the same way: shown prose, it says prose that
nobody said. So a hint is a list of names, and short.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

import regex

from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import Run, Transcript, WrittenWord

MOST = 20
"""Terms in all: Whisper has room for some 200 tokens, and hears what is on a long list in other places too."""

_ALL = 200
"""Terms of one transcript that are looked at where those of several are compared."""

_LONGEST = 4
"""Words of one term; a longer link text is a sentence."""

_MOST_LETTERS = 60
"""Of one term; what is longer is no name that anybody says."""

_MOSTLY_NAMES = 1 / 8
"""Where a larger share of the words inside sentences is capitalised, capitals do not mark names: the German
conversation among the tests has a quarter, the English example a twenty-fifth."""

_MARKED = regex.compile(r"(?<!!)\[(?P<link>[^\[\]]{1,100}+)\]\((?!#)|`(?P<code>[^`\n]{1,100}+)`")
# no two words with three dots between them, as in "yes...So"
_TERM = regex.compile(r"^(?!.*(?:\.\.|…)).*?(?:\p{Ll}\p{Lu}|\p{Lu}{2}|\p{L}[_./]\p{L}|\p{L}\p{N}|\p{N}\p{L}{3})")
_EDGE = regex.compile(r"^[^\p{L}\p{N}]++|(?:['’]s)?+[^\p{L}\p{N}+#]++$|['’]s$")
_ENDS_SENTENCE = regex.compile(r"[.!?:…。！？：][\p{P}\p{S}]*+$")
_ENDS_NAME = regex.compile(r"[\p{P}\p{S}]$|['’]s$")


def hints(transcript: Transcript, within: Run | None = None, show: Iterable[str] = ()) -> tuple[str, ...]:
    """The terms that are worth telling an engine: ``MOST`` at most, each once, the surest kinds first.

    The panel (or the speakers), then code words and spellings such as ``npm_config``, ``GitHub`` or ``CI``, link texts,
    and names inside sentences, where a language tells names from other words by capitals; and where there is room left,
    the show's.

    Args:
        within: only what stands among these of ``transcript.words``, of the panel too; by default all.
        show: terms that are not the transcript's own (see ``reading.vocabulary``).

    >>> from pipeline.reading.transcript import parse
    >>> hints(parse("**Ann Weir**: I met Philomena, who runs `make` on a very old machine at home."))
    ('Ann Weir', 'make', 'Philomena')
    """
    return tuple(islice(_new(chain(_own(transcript, within), show)), MOST))


def terms(transcript: Transcript) -> tuple[str, ...]:
    """All terms of a transcript that ``hints`` would choose from, in the same order, but for what is beyond reason."""
    return tuple(islice(_new(_own(transcript, None)), _ALL))


def people(transcript: Transcript) -> tuple[str, ...]:
    """The panel; the names of the labels, which may be mistyped, only where there is none."""
    speakers = (utterance.speaker for utterance in transcript.utterances)
    return tuple(" ".join(name.split()) for name in transcript.panel or filter(None, speakers))


def _own(transcript: Transcript, within: Run | None) -> Iterator[str]:
    words = transcript.words[within.start : within.end] if within else transcript.words
    known: Iterable[str] = people(transcript)
    if within:
        said = f" {' '.join(map(_bare, words))} ".casefold()
        known = (name for name in known if any(_is_in(part, said) for part in name.casefold().split()))
    common = {word.shown for word in transcript.words if word.shown.islower()}
    before = transcript.words[within.start - 1] if within and within.start else None
    names = _names(words, before, common) if _capitals_mark_names(transcript) else ()
    yield from chain(known, _terms(transcript.source, words), names)


def _is_in(part: str, said: str) -> bool:
    return part in said if is_unspaced(part) else f" {part} " in said


def _new(terms: Iterable[str]) -> Iterator[str]:
    """Each term that is not one of those before it, nor a part of one; none that cannot be said in one breath."""
    before = "\n"
    for term in terms:
        if len(term) <= _MOST_LETTERS and term.isprintable() and f" {term.casefold()} " not in before:
            before += f" {term.casefold()} \n"
            yield term


def _terms(source: str, words: Sequence[WrittenWord]) -> Iterator[str]:
    """Code words and words spelt like them, then link texts: those that are spoken, as a reader sees them."""
    starts = [word.chars.start for word in words]
    marked: dict[str, list[str]] = {"code": [], "link": []}
    for found in _MARKED.finditer(source, *_stretch(words)):
        kind = found.lastgroup or "code"
        inside = words[bisect_left(starts, found.start()) : bisect_left(starts, found.end(kind))]
        if 0 < len(inside) <= _LONGEST and all(word.kind == "spoken" for word in inside):
            marked[kind].append(" ".join(_bare(word) for word in inside))
    spelt = (_bare(word) for word in words if word.kind == "spoken" and _TERM.match(_bare(word)))
    yield from filter(None, (*marked["code"], *spelt, *marked["link"]))


def _stretch(words: Sequence[WrittenWord]) -> tuple[int, int]:
    return (words[0].chars.start, words[-1].chars.end + 1) if words else (0, 0)


def _names(words: Sequence[WrittenWord], before: WrittenWord | None, common: Collection[str]) -> Iterator[str]:
    """Runs of capitalised words inside sentences; a lone one that is also written without a capital is no name."""
    runs = (run for run in _runs(words, before) if len(run) > 1 or run[0].lower() not in common)
    yield from map(" ".join, runs)


def _runs(words: Sequence[WrittenWord], before: WrittenWord | None) -> Iterator[list[str]]:
    run: list[str] = []
    for word, inside in _inside_sentences(words, before):
        if run and not (inside and _is_name(word)):
            yield run
            run = []
        if inside and _is_name(word):
            run.append(_bare(word))
            if _ENDS_NAME.search(word.shown) or len(run) == _LONGEST:
                yield run
                run = []
    if run:
        yield run


def _capitals_mark_names(transcript: Transcript) -> bool:
    """Whether few words are capitalised; the panel's names, which are known to be names, are not counted."""
    known = {part for name in people(transcript) for part in name.split()}
    inside = [word for word, is_inside in _inside_sentences(transcript.words) if is_inside and _bare(word) not in known]
    return sum(map(_is_name, inside)) <= _MOSTLY_NAMES * len(inside)


def _inside_sentences(
    words: Iterable[WrittenWord], before: WrittenWord | None = None
) -> Iterator[tuple[WrittenWord, bool]]:
    """Each word, and whether it stands inside a sentence, not at its start; ``before`` is the word before the first."""
    for word in words:
        goes_on = before is not None and before.utterance == word.utterance
        yield word, goes_on and before is not None and not _ENDS_SENTENCE.search(before.shown)
        before = word if word.kind == "spoken" else before


def _is_name(word: WrittenWord) -> bool:
    """Whether it is written like a name; the English ``I`` is none."""
    text = _bare(word)
    return word.kind == "spoken" and text[:1].isupper() and len(text) > 1 and not text.startswith(("I'", "I’"))


def _bare(word: WrittenWord) -> str:
    """A word without the punctuation around it and the English genitive; ``C++`` and ``C#`` keep theirs."""
    return _EDGE.sub("", _EDGE.sub("", word.shown.strip()))
