"""Select the written words that a viewer sees, their text, and what separates two of them.

An editor's text in brackets is a *sound* if it is an aside ("(*laughs*)") or crosstalk, if its words are words for
sounds ("[Laughter]", "[phone rings]"), or if it is alone: in its paragraph, or after a sentence's end and before a
paragraph's. Sounds are dropped unless asked for. Any other text in brackets completes its sentence ("Ryan [Dahl]", "0.8
[talking to] 0.4") and is displayed without them. A mark for unintelligible speech is displayed as "[unintelligible]".
Other text that is not spoken (dashes, addresses) is displayed as it is typed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from pipeline.reading.markup.inline import shows_space
from pipeline.reading.markup.whitespace import LINE_ENDING
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.schema import Result, Transcript, WrittenWord
from pipeline.times import Ms, Span

UNINTELLIGIBLE = "[unintelligible]"

Separator = Literal["nothing", "space", "paragraph", "hole"]
"""What separates a word from the one before it; a hole is speech that is not written, or words that are not spoken."""

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\ufffe\uffff]")
_CLOSING_BRACKETS = {"[": "]", "(": ")"}
_MARK = regex.compile(r"[\[(][^\])]*+[\])]")
_TALK = regex.compile(r"cross-?talk", regex.IGNORECASE)
_PARAGRAPH = regex.compile(rf"{LINE_ENDING}[ \t]*+{LINE_ENDING}")
_SOUND = regex.compile(
    r"(?:laugh|laught|chuckl|giggl|snicker|applau|clap|cheer|music|crosstalk|cross-talk|overtalk|cough|sneez|sigh|"
    r"gasp|sob|cry|snort|hum|sing|whistl|silen|pause|nois|beep|bleep|jingl|ring|buzz|static|groan|scream|yawn|"
    r"inaudibl|background|break\b|ad\b|ads\b|intro\b|outro\b|theme\b)\p{L}*+"
)
_WORDS_WITH_SOUNDS = frozenset(
    [
        "a",
        "all",
        "and",
        "audience",
        "continues",
        "everybody",
        "everyone",
        "in",
        "loud",
        "of",
        "phone",
        "softly",
        "stops",
        "the",
    ]
)


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A displayed word, its span in ms, and what separates it from the displayed word before it.

    ``confidence`` (0..1) is that of its time: 0 if only its neighbours have a measured one.
    """

    text: str
    span: Span
    separator: Separator
    confidence: float = 1.0

    @property
    def glued(self) -> bool:
        """Whether it follows the word before it without a space."""
        return self.separator == "nothing"


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A displayed utterance: its place in the document, its speaker (None if not known), and at least one word."""

    index: int
    speaker: str | None
    words: tuple[ShownWord, ...]

    @property
    def span(self) -> Span:
        """From the start of its first word to the end of its last one."""
        return Span(min(word.span.start for word in self.words), max(word.span.end for word in self.words))


@dataclass(frozen=True, slots=True)
class PageWord:
    """A word of a page: its start in ms (None if it was not found), and what separates it from the word before it."""

    text: str
    start: Ms | None
    separator: Separator


def is_found(result: Result, index: int) -> bool:
    """Return whether an utterance was found with enough confidence to be given a time and to be displayed."""
    return result.utterances[index].is_sure


def running_text(transcript: Transcript, words: Sequence[WrittenWord]) -> str:
    """Return the words as rendered, with a space between two of them if the source has any white space there."""
    parts: list[str] = []
    for i, word in enumerate(words):
        if i and _separator(transcript, words[i - 1], word) != "nothing":
            parts.append(" ")
        parts.append(word.shown)
    return "".join(parts)


def has_text(transcript: Transcript, index: int) -> bool:
    """Return whether an utterance has anything to display apart from sounds."""
    return any(True for _ in _visible_words(transcript, index, keep_editorial=False))


def shown_words(result: Result, index: int, *, keep_editorial: bool) -> tuple[ShownWord, ...]:
    """Return the displayed words of one utterance: those that have a time, without its sounds.

    Texts are never empty, contain no white space but single spaces, and no control characters. The first word's
    ``separator`` is ``space``.
    """
    shown: list[ShownWord] = []
    untranscribed = _UntranscribedSpans(result)
    skipped = False
    previous: WrittenWord | None = None
    for i, text in _visible_words(result.transcript, index, keep_editorial=keep_editorial):
        word, span = result.transcript.words[i], result.words[i].span
        if span is None:
            skipped = True
            continue
        separator: Separator = _separator(result.transcript, previous, word) if previous else "space"
        if shown and (skipped or untranscribed.separate(shown[-1].span, span)):
            separator = "hole"
        shown.append(ShownWord(text, span, separator, result.words[i].confidence))
        skipped, previous = False, word
    return tuple(shown)


def shown_turns(result: Result, *, keep_editorial: bool, speaker_labels: bool) -> Iterator[ShownTurn]:
    """Yield each utterance that was found and has any words to display; without ``speaker_labels``, without names."""
    for utterance in result.transcript.utterances:
        if is_found(result, utterance.index):
            words = shown_words(result, utterance.index, keep_editorial=keep_editorial)
            speaker = clean_text(utterance.speaker or "") if speaker_labels else ""
            if words:
                yield ShownTurn(utterance.index, speaker or None, words)


def page_words(result: Result, index: int) -> tuple[PageWord, ...]:
    """Return all words of one utterance as people read them, sounds included, whether they were found or not.

    Texts are as in ``shown_words``. Only the words of a found utterance have times.
    """
    words: list[PageWord] = []
    found = is_found(result, index)
    previous: WrittenWord | None = None
    for i, text in _visible_words(result.transcript, index, keep_editorial=True):
        word, span = result.transcript.words[i], result.words[i].span
        separator = _separator(result.transcript, previous, word) if previous else "space"
        words.append(PageWord(text, span.start if found and span else None, separator))
        previous = word
    return tuple(words)


class _UntranscribedSpans:
    """The spans of speech that no written word covers."""

    def __init__(self, result: Result) -> None:
        spans = (finding.span for finding in result.findings if finding.kind == "untranscribed")
        self._spans = sorted(span for span in spans if span is not None and span.duration)
        self._starts = [span.start for span in self._spans]

    def separate(self, left: Span, right: Span) -> bool:
        """Return whether such a span is between two words."""
        if left.end >= right.start or not self._spans:
            return False
        last_before = bisect_right(self._starts, right.start - 1) - 1
        return last_before >= 0 and self._spans[last_before].overlap(Span(left.end, right.start)) > 0


def _separator(transcript: Transcript, left: WrittenWord, right: WrittenWord) -> Separator:
    gap = transcript.source[left.chars.end : max(left.chars.end, right.start)]
    if _PARAGRAPH.search(gap):
        return "paragraph"
    return "space" if any(map(str.isspace, gap)) or shows_space(gap) else "nothing"


def _visible_words(transcript: Transcript, index: int, *, keep_editorial: bool) -> Iterator[tuple[int, str]]:
    """Yield the index and the text of each word to display."""
    for group in _word_groups(transcript, index):
        if not keep_editorial and _is_sound(transcript, group):
            continue
        words = [transcript.words[i] for i in group]
        texts = [word.shown for word in words]
        if words[0].kind == "unintelligible":
            texts = [_MARK.sub(UNINTELLIGIBLE, texts[0], count=1)]
        elif _opening_bracket(words[0]) and not keep_editorial:
            texts[0] = texts[0].replace("[", "", 1)
            texts[-1] = texts[-1].replace("]", "", 1)
        yield from ((i, legible) for i, text in zip(group, texts, strict=True) if (legible := clean_text(text)))


def _word_groups(transcript: Transcript, index: int) -> Iterator[range]:
    """Yield the utterance's words one by one, but those within an editor's brackets together."""
    words = transcript.words
    run = transcript.utterances[index].words
    start = run.start
    while start < run.end:
        end = start + 1
        if opener := _opening_bracket(words[start]):
            closer = _CLOSING_BRACKETS[opener]
            while end < run.end and words[end].kind == "editorial" and closer not in words[end - 1].shown:
                end += 1
        yield range(start, end)
        start = end


def _opening_bracket(word: WrittenWord) -> str:
    """Return the bracket that an editorial word opens, or an empty string."""
    return next((mark for mark in word.shown if mark in _CLOSING_BRACKETS), "") if word.kind == "editorial" else ""


def _is_sound(transcript: Transcript, group: range) -> bool:
    words = [transcript.words[i] for i in group]
    if words[0].kind == "unintelligible":
        return _TALK.search(words[0].shown) is not None
    opener = _opening_bracket(words[0])
    if opener != "[":
        return opener == "("
    bare = [word.shown.lower().strip("[](){}*_.,!?…\"'") for word in words]
    named = [part for text in bare for part in text.split("/") if part and part not in _WORDS_WITH_SOUNDS]
    return (bool(named) and all(_SOUND.fullmatch(part) for part in named)) or _stands_alone(transcript, group)


def _stands_alone(transcript: Transcript, group: range) -> bool:
    """Return whether a group begins a paragraph or follows a sentence's end, and ends the paragraph."""
    words = transcript.words
    run = transcript.utterances[words[group[0]].utterance].words
    first, last = group[0], group[-1]
    ends = last + 1 == run.end or _separator(transcript, words[last], words[last + 1]) == "paragraph"
    if not ends or first == run.start:
        return ends
    separator = words[first - 1]
    return _separator(transcript, separator, words[first]) == "paragraph" or ends_sentence(separator.shown, None)


def clean_text(text: str) -> str:
    """Return the text on one line: white space as single spaces, without control characters and what XML excludes."""
    return _CONTROL.sub("", " ".join(text.split()))
