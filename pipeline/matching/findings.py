"""List what a person should look at: every place at which the written and the heard text do not fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from pipeline.matching.alignment.timing import UNHEARD_RUN_WORDS
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS, new_note_text, note_edits, old_note_text
from pipeline.matching.label_findings import label_findings
from pipeline.matching.misheard import Misheard, misheard_findings
from pipeline.matching.speakers.assignment import Naming
from pipeline.matching.typed_times import typed_time_findings
from pipeline.reading.labels.names import NameVariant, find_misspellings, find_names_off_panel, resolve_speakers
from pipeline.reading.markup.clock_parts import clock_restarts
from pipeline.reading.markup.whitespace import LineIndex
from pipeline.schema import (
    Alignment,
    Continue,
    Finding,
    FindingKind,
    HeardWord,
    Hearing,
    Run,
    Speaker,
    TimedUtterance,
    TimedWord,
    Transcript,
)
from pipeline.times import Ms, Span, format_clock

WRONG_AUDIO_SHARE = 0.5
"""Below this anchor share (see ``matching.alignment.same_recording``) the texts are of different recordings. The right
one has 0.7 or more with a third of its words wrong; another episode of the same show has 0.45 if two fifths of it are
jingle, sponsor and names."""

QUOTED_WORDS = 8
"""The words of an utterance that a message quotes: enough to find it, and one line."""


QUOTED_LINES = 12
"""The lines that a message names; all are in the finding's ``lines``."""


OF_THE_TEXT_ALONE: frozenset[FindingKind] = frozenset(("name-variant", "possible-label"))
"""The kinds of findings that need nothing to be heard."""


def list_findings(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    naming: Naming | None = None,
    misheard: Sequence[Misheard] = (),
    *,
    is_cut_off: bool = False,
) -> tuple[Finding, ...]:
    """Return all findings but that about the note: of the whole first, then by position, then about names.

    Args:
        transcript: the transcript.
        hearing: what was heard.
        alignment: of the two above.
        words: the times of the transcript's words.
        utterances: the times of its utterances.
        naming: who speaks when; None without a diarization, and then there are no findings about voices.
        misheard: the typed words that are not what is said, by the sound.
        is_cut_off: whether the end of the recording is missing. What is typed behind the last word that was found may
            be said there, and is no finding.
    """
    end = _last_found(words) + 1 if is_cut_off else len(words)
    return (
        *_whole(transcript, alignment),
        *(_incomplete_audio(transcript, hearing, end) if is_cut_off else ()),
        *_times_that_start_again(transcript),
        *sorted(
            (
                *_untranscribed(transcript, hearing, alignment, words),
                *_not_heard(transcript, words, utterances, end),
                *_low_confidence(transcript, utterances),
                *misheard_findings(transcript, misheard),
                *typed_time_findings(transcript, words, utterances),
                *(label_findings(transcript, utterances, naming) if naming else ()),
            ),
            key=_position,
        ),
        *_names(transcript, naming),
        *_possible_labels(transcript),
    )


def word_coverage(transcript: Transcript, alignment: Alignment, words: Sequence[TimedWord]) -> float:
    """Return the share, 0 to 1, of the spoken written words that were heard; 0 if there are none.

    A word that forced alignment alone has found does not count: it finds whatever it is given.
    """
    counted = spoken_words(transcript, Run(0, len(words)))
    heard = {k for pairing in alignment.pairings if pairing.score > 0 for k in pairing.written}
    return round(sum(k in heard and words[k].measured for k in counted) / len(counted), 3) if counted else 0.0


def list_speakers(
    transcript: Transcript, utterances: Sequence[TimedUtterance], naming: Naming | None = None
) -> tuple[Speaker, ...]:
    """Return the names in the labels, in order of first appearance, with the duration of their found utterances.

    The spellings of one person's name are one speaker, unless the voices contradict. Speakers without a label follow,
    with the duration of their turns: those in the show's voice book, and the unknown ones.
    """
    durations: dict[str, Ms] = {}
    names = resolve_speakers(transcript, naming.apart if naming else ())
    for name, timed in zip(names, utterances, strict=True):
        if name is not None:
            durations[name] = durations.get(name, 0) + (timed.span.duration if timed.span else 0)
    if naming:
        others = {*naming.strangers, *naming.recognised}.difference(durations)
        for turn in naming.turns:
            if turn.name in others:
                durations[turn.name] = durations.get(turn.name, 0) + turn.span.duration
    clusters, known = (naming.clusters, naming.recognised) if naming else ({}, {})
    return tuple(Speaker(name, clusters.get(name), duration, known.get(name)) for name, duration in durations.items())


def _position(finding: Finding) -> tuple[int, int]:
    utterance = -1 if finding.utterance is None else finding.utterance
    return utterance, finding.span.start if finding.span else -1


def _whole(transcript: Transcript, alignment: Alignment) -> Iterator[Finding]:
    if not transcript.words:
        return
    share = alignment.anchor_share
    if share is None:
        yield Finding("low-confidence", "too few words are written to decide whether they belong to this audio")
    elif share < WRONG_AUDIO_SHARE:
        yield Finding(
            "wrong-audio",
            f"the transcript does not belong to this audio: only {share:.0%} of its distinctive phrases are said in it",
        )


def _last_found(words: Sequence[TimedWord]) -> int:
    """Return the last word that has a time; -1 if none has."""
    return next((k for k in reversed(range(len(words))) if words[k].span is not None), -1)


def _incomplete_audio(transcript: Transcript, hearing: Hearing, end: int) -> Iterator[Finding]:
    """Yield the finding about a recording whose end is missing, with how many words are typed from ``end`` on."""
    missing = len(spoken_words(transcript, Run(end, len(transcript.words)))) if end else 0
    words = f"{missing} typed words" if missing > 1 else "typed word"
    typed = f"; the last {words} may be said after it" if missing else ""
    message = f"the audio ends at {format_clock(hearing.duration)}, before its end: an incomplete download{typed}"
    yield Finding("incomplete-audio", message)


def _untranscribed(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, words: Sequence[TimedWord]
) -> Iterator[Finding]:
    for pairing in alignment.pairings:
        if pairing.score > 0 or len(pairing.heard) < LEAST_UNTRANSCRIBED_WORDS:
            continue
        taken = [span for k in pairing.written if (span := words[k].span) is not None]
        left = [word for j in pairing.heard if not _within((word := hearing.words[j]).span, taken)]
        if len(left) >= LEAST_UNTRANSCRIBED_WORDS:
            before = pairing.written.start - 1
            yield _passage(left, transcript.words[before].utterance if before >= 0 else None)


def _within(span: Span, taken: Sequence[Span]) -> bool:
    """Return whether most of a span is within one of the ordered, disjoint spans in ``taken``."""
    at = bisect_right(taken, span)
    return any(2 * span.overlap(other) > span.duration for other in taken[max(0, at - 1) : at + 1])


def _passage(heard: Sequence[HeardWord], utterance: int | None) -> Finding:
    span = heard[0].span.cover(heard[-1].span)
    text = " ".join(word.text.strip() for word in heard)
    return Finding(
        "untranscribed",
        f"{len(heard)} words from {format_clock(span.start)} to {format_clock(span.end)} are not in the transcript",
        utterance=utterance,
        span=span,
        details={"words": text},
    )


def _not_heard(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance], end: int
) -> Iterator[Finding]:
    """Yield the words before the word ``end`` that nobody says."""
    for written, timed in zip(transcript.utterances, utterances, strict=True):
        counted = [k for k in spoken_words(transcript, written.words) if k < end]
        if not counted:
            continue
        if timed.span is None:
            yield Finding("not-heard", f"not found: {_quote(transcript, counted)}", utterance=written.index)
            continue
        for run in _unheard_runs(counted, words):
            yield Finding(
                "not-heard",
                f"{len(run)} words that nobody says: {_quote(transcript, run)}",
                utterance=written.index,
                span=timed.span,
            )


def _unheard_runs(counted: Sequence[int], words: Sequence[TimedWord]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for k in counted:
        if words[k].span is None:
            runs[-1].append(k)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) >= UNHEARD_RUN_WORDS]


def _quote(transcript: Transcript, words: Sequence[int]) -> str:
    shown = " ".join(transcript.words[k].shown for k in words[:QUOTED_WORDS])
    return f"“{shown}{' …' if len(words) > QUOTED_WORDS else ''}”"


def _low_confidence(transcript: Transcript, utterances: Sequence[TimedUtterance]) -> Iterator[Finding]:
    for written, timed in zip(transcript.utterances, utterances, strict=True):
        if timed.span is not None and not timed.is_sure:
            quote = _quote(transcript, spoken_words(transcript, written.words))
            yield Finding(
                "low-confidence",
                f"probably at {format_clock(timed.span.start)}, but its start, or most of it, was not heard: {quote}",
                utterance=written.index,
                span=timed.span,
            )


def _times_that_start_again(transcript: Transcript) -> Iterator[Finding]:
    starts = list(clock_restarts([claim.at for claim in transcript.claims]))
    if not starts:
        return
    index = LineIndex(transcript.source)
    lines = tuple(index.line(transcript.claims[start].chars.start) for start in starts)
    where = f"line{'s' if len(lines) > 1 else ''} {_shown_lines(lines)}"
    message = f"the typed times start again in {where}, as those of another part; each part is compared by itself"
    yield Finding("times-start-again", message, details={"lines": lines})


def _names(transcript: Transcript, naming: Naming | None) -> Iterator[Finding]:
    """Yield the names that are no main spelling; one whose voice is another person's has no nearest name."""
    for variant in (*find_names_off_panel(transcript), *find_misspellings(transcript)):
        is_apart = naming is not None and variant.label in naming.apart
        nearest = None if is_apart else variant.nearest
        yield Finding(
            "name-variant",
            _name_message(variant, nearest, transcript, is_apart=is_apart),
            utterance=variant.utterance,
            details={"label": variant.label, "nearest": nearest, "candidates": variant.candidates},
        )


def _name_message(variant: NameVariant, nearest: str | None, transcript: Transcript, *, is_apart: bool) -> str:
    label = f"the label “{variant.label}”"
    off_panel = f"{label} is not on the panel" if transcript.panel else label
    if is_apart:
        return f"{label} is near {variant.nearest}, but the voice is another one"
    if nearest is not None:
        return f"{off_panel}; {nearest} is" if nearest in transcript.panel else f"{label} is probably {nearest}"
    may_be = f"may be {' or '.join(variant.candidates)}"
    if not transcript.panel:
        return f"{label} {may_be}"
    return f"{off_panel}; it {may_be}" if variant.candidates else off_panel


def _possible_labels(transcript: Transcript) -> Iterator[Finding]:
    if not transcript.doubtful:
        return
    index = LineIndex(transcript.source)
    lines = tuple(index.line(chars.start) for chars in transcript.doubtful)
    shown = _shown_lines(lines)
    message = (
        f"lines {shown} look like speakers and are read as text"
        if len(lines) > 1
        else (f"line {shown} looks like a speaker and is read as text")
    )
    yield Finding("possible-label", message, details={"lines": lines})


def _shown_lines(lines: Sequence[int]) -> str:
    return ", ".join(str(line) for line in lines[:QUOTED_LINES]) + (", …" if len(lines) > QUOTED_LINES else "")


def note_findings(transcript: Transcript, point: Continue) -> Iterator[Finding]:
    """Yield the finding that the note has to move, if it has."""
    if not note_edits(transcript, point):
        return
    old, new = old_note_text(transcript), new_note_text(transcript, point)
    yield Finding(
        "note-moved",
        f"{_one_line(old) or 'no note'} → {_one_line(new) or 'complete, no note needed'}",
        span=None if point.at is None else Span(point.at, point.at),
        details={"old": old, "new": new},
    )


def _one_line(note: str | None) -> str:
    return " ".join((note or "").split())
