"""Make chapters from the sections of a transcript, or propose them where it has none.

A chapter begins where the first utterance of its section is heard. An utterance below the confidence from which times
are published begins no chapter; the next one of the section does. What is said before the first heading is a chapter of
its own, under the title of the document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from pipeline.matching.drafting.topics import FIRST_TITLE, find_topics
from pipeline.options import option
from pipeline.reading.structure.draft_comments import find_drafted_ranges
from pipeline.schema import DraftTurn, HeardWord, Result, Transcript
from pipeline.times import Ms, Span
from pipeline.writing.shown_words import clean_text, is_found

_MOST_NAMED = 5
"""The most titles that one line names."""

_NOT_WRITTEN = "nothing is written there"
_NOT_FOUND = "nothing there was found surely in the audio"
_NOT_LATER = "it does not begin after the chapter before it"
_LATE = "what is written first there was not found surely in the audio"


@dataclass(frozen=True, slots=True)
class ChapterOptions:
    """What chapters are made from, and whether a copy of the audio has them."""

    source: Literal["headings", "auto"] = option(
        "headings",
        "What chapters are made from: the transcript's headings, or, with auto, topics that are proposed if it has no "
        "headings.",
    )
    embed: bool = option(default=False, meaning="Also write a copy of the audio with the chapters in it.")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its title, on one line and never empty, and its span in ms."""

    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class ChapterList:
    """The chapters of an episode; each ends where the next one begins, the last one with the audio.

    Attributes:
        chapters: in order; their starts ascend strictly.
        reason: why there are none, as a clause; None if there are some.
        remarks: lines about sections without a chapter, and about chapters that may begin earlier or are only proposed.
    """

    chapters: tuple[Chapter, ...]
    reason: str | None = None
    remarks: tuple[str, ...] = ()


def list_chapters(result: Result, options: ChapterOptions) -> ChapterList:
    """Return the chapters of an episode, with the titles of its sections; two titles may be equal."""
    sections = result.transcript.sections
    if sections:
        starts, lines = _chapter_starts(result)
        if not starts:
            return ChapterList((), "nothing below the transcript's headings was found surely in the audio")
        if not _are_drafted(result.transcript):
            return ChapterList(_until_the_next(starts, result.hearing.duration), remarks=tuple(lines))
        why = "the headings were drafted by cuemark"
    elif options.source == "auto":
        starts, why = _topic_starts(result), "the transcript has no headings"
    else:
        return ChapterList((), "the transcript has no headings; --chapters auto proposes chapters")
    if len(starts) < 2:
        return ChapterList((), f"{why}, and its topics cannot be told apart")
    remark = (
        f"the chapters are proposed, from pauses and frequent words, because {why}; look at them before you publish"
    )
    return ChapterList(_until_the_next(starts, result.hearing.duration), remarks=(remark,))


def quote_titles(titles: Sequence[str]) -> str:
    """Return titles as a part of a sentence, only the first ones if they are many.

    >>> quote_titles(["News", "Links"])
    '"News", "Links"'
    """
    named = ", ".join(f'"{title}"' for title in titles[:_MOST_NAMED])
    return named + (f" and {len(titles) - _MOST_NAMED} more" if len(titles) > _MOST_NAMED else "")


_Start = tuple[str, Ms]
"""The title of a chapter, and where it begins."""


def _until_the_next(starts: Sequence[_Start], duration: Ms) -> tuple[Chapter, ...]:
    ends = (*(at for _, at in starts[1:]), max(duration, starts[-1][1]))
    return tuple(Chapter(title, Span(at, end)) for (title, at), end in zip(starts, ends, strict=True))


def _title(text: str | None, default: str) -> str:
    return clean_text(text or "").strip() or default


# --- sections ----------------------------------------------------------------------------------------------------


def section_starts(result: Result) -> tuple[Ms | None, ...]:
    """Return where each section's first utterance that is sure begins; None where none is."""
    edges = (*(section.utterance for section in result.transcript.sections), len(result.transcript.utterances))
    return tuple(_first_found(result, first, end) for first, end in pairwise(edges))


def _chapter_starts(result: Result) -> tuple[list[_Start], list[str]]:
    """Return where chapters begin, and lines about the sections that have none or may begin earlier."""
    sections = result.transcript.sections
    before = _first_found(result, 0, sections[0].utterance)
    starts = [] if before is None else [(_title(result.transcript.title, FIRST_TITLE), before)]
    missing: dict[str, list[str]] = {}
    late: list[str] = []
    ends = (*(section.utterance for section in sections[1:]), len(result.transcript.utterances))
    for number, (section, end, at) in enumerate(zip(sections, ends, section_starts(result), strict=True), start=1):
        title = _title(section.title, f"Part {number}")
        if at is None:
            missing.setdefault(_NOT_FOUND if section.utterance < end else _NOT_WRITTEN, []).append(title)
        elif starts and at <= starts[-1][1]:
            missing.setdefault(_NOT_LATER, []).append(title)
        else:
            starts.append((title, at))
            if not _begins_surely(result, section.utterance, end):
                late.append(title)
    lines = [f"no chapter for {quote_titles(titles)}: {reason}" for reason, titles in missing.items()]
    return starts, [*lines, *([f"the chapter may begin earlier: {quote_titles(late)}; {_LATE}"] if late else [])]


def _first_found(result: Result, first: int, end: int) -> Ms | None:
    """Return where the first of the utterances [first, end) that is sure begins; None if none is."""
    spans = (result.utterances[index].span for index in range(first, end) if is_found(result, index))
    return next((span.start for span in spans if span), None)


def _begins_surely(result: Result, first: int, end: int) -> bool:
    """Return whether the first of the utterances [first, end) that has words to be spoken is sure."""
    words, utterances = result.transcript.words, result.transcript.utterances
    spoken = (k for k in range(first, end) if any(words[i].kind == "spoken" for i in utterances[k].words))
    return is_found(result, next(spoken, first))


def _are_drafted(transcript: Transcript) -> bool:
    """Return whether all headings are of a draft whose comment is still there: nobody has chosen them yet."""
    ranges = find_drafted_ranges(transcript.source)
    return all(any(one.start <= section.chars.start < one.end for one in ranges) for section in transcript.sections)


# --- proposals ---------------------------------------------------------------------------------------------------


def _topic_starts(result: Result) -> list[_Start]:
    turns = sorted(_spoken_turns(result), key=lambda turn: turn.span.start)
    return [(_title(topic.title, FIRST_TITLE), turns[topic.turn].span.start) for topic in find_topics(turns)]


def _spoken_turns(result: Result) -> Iterator[DraftTurn]:
    """Yield all that is said as turns: what was found as it is written, each other word as it was heard."""
    found = [turn for turn in (_written_turn(result, one.index) for one in result.transcript.utterances) if turn]
    yield from found
    spans = sorted(turn.span for turn in found)
    starts, ends = [span.start for span in spans], list(accumulate((span.end for span in spans), max))
    for word in result.hearing.words:
        before = bisect_right(starts, word.span.start)
        if not (before and word.span.start < ends[before - 1]):
            yield DraftTurn(None, word.span, (word,), word.text)


def _written_turn(result: Result, index: int) -> DraftTurn | None:
    utterance, span = result.transcript.utterances[index], result.utterances[index].span
    if span is None or not is_found(result, index):
        return None
    timed = ((result.transcript.words[k].shown, result.words[k].span) for k in utterance.words)
    words = tuple(HeardWord(text, at) for text, at in timed if at)
    return DraftTurn(utterance.speaker, span, words, "")
