"""Select names and terms of a transcript that a speech engine may not know how to spell; never its prose.

Whisper takes its prompt as the text before the audio and continues it: with prose as the prompt it transcribes prose
that was not spoken. So a prompt is a short list of names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

import regex

from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import Run, Transcript, WrittenWord

MAX_TERMS = 20
"""Terms in all: Whisper's prompt has space for about 200 tokens, and terms of a long list are also transcribed where
they were not spoken."""

_MAX_CANDIDATES = 200
"""Terms of one transcript that are considered when those of several transcripts are compared."""

_MAX_WORDS = 4
"""Words of one term; a longer link text is a sentence."""

_MAX_LETTERS = 60
"""Of one term; a longer one is not a spoken name."""

_MAX_CAPITALIZED_SHARE = 1 / 8
"""If a larger share of the words inside sentences is capitalised, capitals do not mark names: the German conversation
among the tests has a quarter, the English example a twenty-fifth."""

_MARKED = regex.compile(r"(?<!!)\[(?P<link>[^\[\]]{1,100}+)\]\((?!#)|`(?P<code>[^`\n]{1,100}+)`")
# not two words with three dots between them, as in "yes...So"
_TERM = regex.compile(r"^(?!.*(?:\.\.|…)).*?(?:\p{Ll}\p{Lu}|\p{Lu}{2}|\p{L}[_./]\p{L}|\p{L}\p{N}|\p{N}\p{L}{3})")
_EDGE = regex.compile(r"^[^\p{L}\p{N}]++|(?:['’]s)?+[^\p{L}\p{N}+#]++$|['’]s$")
_COLON = regex.compile(r"[:：][\p{P}\p{S}]*+$")
_ENDS_NAME = regex.compile(r"[\p{P}\p{S}]$|['’]s$")


def select_prompt_terms(transcript: Transcript, within: Run | None = None, show: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the terms to give an engine as its prompt: at most ``MAX_TERMS``, each once, the most certain kinds first.

    The panel (or the speakers), then code words and spellings such as ``npm_config``, ``GitHub`` or ``CI``, link texts,
    and names inside sentences, if the language marks names by capitals; then, if there is space left, the show's terms.

    Args:
        within: only terms within these of ``transcript.words``, also of the panel; by default all.
        show: terms that are not the transcript's own (see ``reading.vocabulary``).

    >>> from pipeline.reading.transcript import parse
    >>> select_prompt_terms(parse("**Ann Weir**: I met Philomena, who runs `make` on a very old machine."))
    ('Ann Weir', 'make', 'Philomena')
    """
    return tuple(islice(_without_repeats(chain(_transcript_terms(transcript, within), show)), MAX_TERMS))


def all_terms(transcript: Transcript) -> tuple[str, ...]:
    """Return all terms that ``select_prompt_terms`` would select from, in the same order, up to a generous limit."""
    return tuple(islice(_without_repeats(_transcript_terms(transcript, None)), _MAX_CANDIDATES))


def speaker_names(transcript: Transcript) -> tuple[str, ...]:
    """Return the panel; without a panel the names of the labels, which may be misspelt."""
    speakers = (utterance.speaker for utterance in transcript.utterances)
    return tuple(" ".join(name.split()) for name in transcript.panel or filter(None, speakers))


def _transcript_terms(transcript: Transcript, within: Run | None) -> Iterator[str]:
    words = transcript.words[within.start : within.end] if within else transcript.words
    speakers: Iterable[str] = speaker_names(transcript)
    if within:
        words_text = f" {' '.join(map(_without_punctuation, words))} ".casefold()
        speakers = (name for name in speakers if any(_contains(words_text, part) for part in name.casefold().split()))
    common = {word.shown for word in transcript.words if word.shown.islower()}
    before = transcript.words[within.start - 1] if within and within.start else None
    names = _names(words, before, common) if _capitals_mark_names(transcript) else ()
    yield from chain(speakers, _marked_terms(transcript.source, words), names)


def _contains(words_text: str, part: str) -> bool:
    return part in words_text if is_unspaced(part) else f" {part} " in words_text


def _without_repeats(terms: Iterable[str]) -> Iterator[str]:
    """Yield each term that is not one of those before it, nor a part of one; none that is too long for a name."""
    yielded = "\n"
    for term in terms:
        if len(term) <= _MAX_LETTERS and term.isprintable() and f" {term.casefold()} " not in yielded:
            yielded += f" {term.casefold()} \n"
            yield term


def _marked_terms(source: str, words: Sequence[WrittenWord]) -> Iterator[str]:
    """Yield code words and words spelt like them, then link texts: those that are spoken, as rendered."""
    starts = [word.start for word in words]
    marked: dict[str, list[str]] = {"code": [], "link": []}
    for found in _MARKED.finditer(source, *_source_range(words)):
        kind = found.lastgroup or "code"
        inside = words[bisect_left(starts, found.start()) : bisect_left(starts, found.end(kind))]
        if 0 < len(inside) <= _MAX_WORDS and all(word.kind == "spoken" for word in inside):
            marked[kind].append(" ".join(_without_punctuation(word) for word in inside))
    spelt = (
        _without_punctuation(word)
        for word in words
        if word.kind == "spoken" and _TERM.match(_without_punctuation(word))
    )
    yield from filter(None, (*marked["code"], *spelt, *marked["link"]))


def _source_range(words: Sequence[WrittenWord]) -> tuple[int, int]:
    return (words[0].start, words[-1].chars.end + 1) if words else (0, 0)


def _names(words: Sequence[WrittenWord], before: WrittenWord | None, common: Collection[str]) -> Iterator[str]:
    """Yield runs of capitalised words inside sentences; not a single word that also occurs without a capital."""
    runs = (run for run in _capitalized_runs(words, before) if len(run) > 1 or run[0].lower() not in common)
    yield from map(" ".join, runs)


def _capitalized_runs(words: Sequence[WrittenWord], before: WrittenWord | None) -> Iterator[list[str]]:
    run: list[str] = []
    for word, inside in _inside_sentences(words, before):
        if run and not (inside and _is_name(word)):
            yield run
            run = []
        if inside and _is_name(word):
            run.append(_without_punctuation(word))
            if _ENDS_NAME.search(word.shown) or len(run) == _MAX_WORDS:
                yield run
                run = []
    if run:
        yield run


def _capitals_mark_names(transcript: Transcript) -> bool:
    """Return whether few words are capitalised; the panel's names are not counted."""
    known = {part for name in speaker_names(transcript) for part in name.split()}
    inside = [
        word
        for word, is_inside in _inside_sentences(transcript.words)
        if is_inside and _without_punctuation(word) not in known
    ]
    return sum(map(_is_name, inside)) <= _MAX_CAPITALIZED_SHARE * len(inside)


def _inside_sentences(
    words: Iterable[WrittenWord], before: WrittenWord | None = None
) -> Iterator[tuple[WrittenWord, bool]]:
    """Yield each word and whether it is inside a sentence, not at its start; ``before`` precedes the first."""
    for word in words:
        yield word, before is not None and before.utterance == word.utterance and not _starts_new(before.shown)
        before = word if word.kind == "spoken" else before


def _starts_new(shown: str) -> bool:
    """Return whether a sentence, or what a colon announces, begins after a word."""
    return has_sentence_stop(shown) or _COLON.search(shown) is not None


def _is_name(word: WrittenWord) -> bool:
    """Return whether a word is written like a name; the English ``I`` is none."""
    text = _without_punctuation(word)
    return word.kind == "spoken" and text[:1].isupper() and len(text) > 1 and not text.startswith(("I'", "I’"))


def _without_punctuation(word: WrittenWord) -> str:
    """Return a word without the punctuation around it and the English genitive; ``C++`` and ``C#`` keep theirs."""
    return _EDGE.sub("", _EDGE.sub("", word.shown.strip()))
