"""Which of the written words a viewer sees, as what, and what stands between two of them.

What an editor put in brackets is a *sound* where it is an aside ("(*laughs*)") or crosstalk, where its words are words
for sounds ("[Laughter]", "[phone rings]"), or where it stands alone: in its paragraph, or after a sentence's end and
before a paragraph's. Sounds are dropped unless asked for. Anything else in brackets completes its sentence ("Ryan
[Dahl]", "0.8 [talking to] 0.4") and is shown without them. A mark for what the typist could not hear is shown as
"[unintelligible]". Whatever else is not spoken (dashes, addresses) is shown as it is typed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from pipeline.matching.findings import is_sure
from pipeline.schema import Result, Transcript, WrittenWord
from pipeline.times import Span
from pipeline.writing.break_cost import ends_sentence

UNINTELLIGIBLE = "[unintelligible]"

Before = Literal["nothing", "space", "paragraph", "hole"]
"""What parts a word from the one before it; a hole is written words that nobody says, or speech that nobody wrote."""

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}]")
_CLOSERS = {"[": "]", "(": ")"}
_MARK = regex.compile(r"[\[(][^\])]*+[\])]")
_TALK = regex.compile(r"cross-?talk", regex.IGNORECASE)
_PARAGRAPH = regex.compile(r"\R[ \t]*+\R")
_SOUND = regex.compile(
    r"(?:laugh|laught|chuckl|giggl|snicker|applau|clap|cheer|music|crosstalk|cross-talk|overtalk|cough|sneez|sigh|"
    r"gasp|sob|cry|snort|hum|sing|whistl|silen|pause|nois|beep|bleep|jingl|ring|buzz|static|groan|scream|yawn|"
    r"inaudibl|background|break\b|ad\b|ads\b|intro\b|outro\b|theme\b)\p{L}*+"
)
_COMPANIONS = frozenset(
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
    """A word on the screen, when it is said, and what parts it from the one shown before it."""

    text: str
    span: Span
    before: Before

    @property
    def glued(self) -> bool:
        """Whether it follows the word before it without a space."""
        return self.before == "nothing"


def is_found(result: Result, index: int) -> bool:
    """Whether the utterance was found surely enough to be given a time and to be shown."""
    found = result.utterances[index]
    return is_sure(found)


def running_text(transcript: Transcript, words: Sequence[WrittenWord]) -> str:
    """The words as shown, with a space between them wherever the source has any white space."""
    parts: list[str] = []
    for i, word in enumerate(words):
        if i and _between(transcript, words[i - 1], word) != "nothing":
            parts.append(" ")
        parts.append(word.shown)
    return "".join(parts)


def has_text(transcript: Transcript, index: int) -> bool:
    """Whether an utterance has anything to show at all, but for sounds."""
    return any(True for _ in _visible(transcript, index, keep_editorial=False))


def shown_words(result: Result, index: int, *, keep_editorial: bool) -> tuple[ShownWord, ...]:
    """What a viewer sees of one utterance: its words that have a time, without its sounds.

    Texts are never empty, hold no white space but single spaces, and no control characters. The first word's
    ``before`` is ``space``.
    """
    shown: list[ShownWord] = []
    holes = _Holes(result)
    skipped = False
    previous: WrittenWord | None = None
    for i, text in _visible(result.transcript, index, keep_editorial=keep_editorial):
        word, span = result.transcript.words[i], result.words[i].span
        if span is None:
            skipped = True
            continue
        before: Before = _between(result.transcript, previous, word) if previous else "space"
        if shown and (skipped or holes.parts(shown[-1].span, span)):
            before = "hole"
        shown.append(ShownWord(text, span, before))
        skipped, previous = False, word
    return tuple(shown)


class _Holes:
    """The stretches of speech that no written word covers."""

    def __init__(self, result: Result) -> None:
        spans = (finding.span for finding in result.findings if finding.kind == "untranscribed")
        self._spans = sorted(span for span in spans if span is not None and span.duration)
        self._starts = [span.start for span in self._spans]

    def parts(self, left: Span, right: Span) -> bool:
        """Whether such a stretch lies between the two."""
        if left.end >= right.start or not self._spans:
            return False
        last_before = bisect_right(self._starts, right.start - 1) - 1
        return last_before >= 0 and self._spans[last_before].overlap(Span(left.end, right.start)) > 0


def _between(transcript: Transcript, left: WrittenWord, right: WrittenWord) -> Before:
    gap = transcript.source[left.chars.end : max(left.chars.end, right.chars.start)]
    if _PARAGRAPH.search(gap):
        return "paragraph"
    return "space" if any(map(str.isspace, gap)) else "nothing"


def _visible(transcript: Transcript, index: int, *, keep_editorial: bool) -> Iterator[tuple[int, str]]:
    """The index and the text of each word to show."""
    for group in _groups(transcript, index):
        if not keep_editorial and _is_sound(transcript, group):
            continue
        words = [transcript.words[i] for i in group]
        texts = [word.shown for word in words]
        if words[0].kind == "unintelligible":
            texts = [_MARK.sub(UNINTELLIGIBLE, texts[0], count=1)]
        elif _opener(words[0]) and not keep_editorial:
            texts[0] = texts[0].replace("[", "", 1)
            texts[-1] = texts[-1].replace("]", "", 1)
        yield from ((i, legible) for i, text in zip(group, texts, strict=True) if (legible := clean(text)))


def _groups(transcript: Transcript, index: int) -> Iterator[range]:
    """The utterance's words one by one, but what stands in an editor's bracket together."""
    words = transcript.words
    run = transcript.utterances[index].words
    start = run.start
    while start < run.end:
        end = start + 1
        if opener := _opener(words[start]):
            closer = _CLOSERS[opener]
            while end < run.end and words[end].kind == "editorial" and closer not in words[end - 1].shown:
                end += 1
        yield range(start, end)
        start = end


def _opener(word: WrittenWord) -> str:
    """The bracket that an editorial word opens, or nothing."""
    return next((mark for mark in word.shown if mark in _CLOSERS), "") if word.kind == "editorial" else ""


def _is_sound(transcript: Transcript, group: range) -> bool:
    words = [transcript.words[i] for i in group]
    if words[0].kind == "unintelligible":
        return _TALK.search(words[0].shown) is not None
    opener = _opener(words[0])
    if opener != "[":
        return opener == "("
    bare = [word.shown.lower().strip("[](){}*_.,!?…\"'") for word in words]
    named = [part for text in bare for part in text.split("/") if part and part not in _COMPANIONS]
    return (bool(named) and all(_SOUND.fullmatch(part) for part in named)) or _stands_alone(transcript, group)


def _stands_alone(transcript: Transcript, group: range) -> bool:
    """Whether it follows a paragraph's beginning or a sentence's end, and nothing follows it in the paragraph."""
    words = transcript.words
    run = transcript.utterances[words[group[0]].utterance].words
    first, last = group[0], group[-1]
    ends = last + 1 == run.end or _between(transcript, words[last], words[last + 1]) == "paragraph"
    if not ends or first == run.start:
        return ends
    before = words[first - 1]
    return _between(transcript, before, words[first]) == "paragraph" or ends_sentence(before.shown, None)


def clean(text: str) -> str:
    """The text on one line: white space made single spaces, control characters gone."""
    return _CONTROL.sub("", " ".join(text.split()))
