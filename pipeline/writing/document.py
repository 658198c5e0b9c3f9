"""Write the whole result as JSON (``cuemark.alignment/1``; its JSON Schema is ``alignment.schema.json``)."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from pipeline.io.atomic import legal
from pipeline.schema import DraftTurn, Finding, Result, Source, Speaker, TimedUtterance, Utterance
from pipeline.times import Ms, Span, to_seconds
from pipeline.writing.shown_words import running_text

SCHEMA = "cuemark.alignment/1"

Json: TypeAlias = "str | float | bool | dict[str, Json] | list[Json] | None"


def render_json(result: Result) -> str:
    """Return everything known about an episode as JSON: indented, UTF-8 without escapes, with a newline at the end.

    Keys have a fixed order; times are seconds with three decimals.
    """
    return msgspec.json.format(msgspec.json.encode(_document(result)), indent=2).decode() + "\n"


def _document(result: Result) -> dict[str, Json]:
    hearing, point = result.hearing, result.continue_point
    return {
        "schema": SCHEMA,
        "audio": {**_source(result.audio), "duration": to_seconds(hearing.duration)},
        "transcript": _source(result.transcript_file) if result.transcript_file else None,
        "engine": {
            "asr": hearing.engine,
            "model": hearing.model,
            "diarization": result.diarization,
            "versions": dict(result.versions),
            "settings": {**hearing.settings, "word_times": result.forced_by or hearing.engine},
        },
        "continue_at": _seconds(point.at),
        "complete": point.complete,
        "coverage": _share(result.coverage),
        "utterances": [
            _utterance(result, utterance, timed)
            for utterance, timed in zip(result.transcript.utterances, result.utterances, strict=True)
        ],
        "speakers": [_speaker(speaker) for speaker in result.speakers],
        "draft": [_drafted(turn) for turn in result.drafted],
        "findings": [_finding(finding) for finding in result.findings],
    }


def _speaker(speaker: Speaker) -> dict[str, Json]:
    """Return a person; only one recognised by the voice book has ``recognised``."""
    fields: dict[str, Json] = {
        "name": legal(speaker.name),
        "cluster": speaker.cluster,
        "seconds": to_seconds(speaker.duration),
    }
    return fields if speaker.recognised is None else {**fields, "recognised": _share(speaker.recognised)}


def _source(source: Source) -> dict[str, Json]:
    return {"path": legal(source.path), "sha256": source.sha256}


def _utterance(result: Result, utterance: Utterance, timed: TimedUtterance) -> dict[str, Json]:
    words = result.transcript.words[utterance.words.start : utterance.words.end]
    times = result.words[utterance.words.start : utterance.words.end]
    return {
        "index": utterance.index,
        "section": utterance.section,
        "speaker": utterance.speaker,
        "heard_speaker": timed.heard_speaker,
        **_times(timed.span),
        "confidence": _share(timed.confidence),
        "fit": timed.fit,
        "timing": next((time.timing for time in times if time.timing), None),
        "text": running_text(result.transcript, words),
        "words": [
            {
                "text": word.shown,
                **_times(time.span),
                "confidence": _share(time.confidence),
                "measured": time.measured,
                "timing": time.timing,
            }
            for word, time in zip(words, times, strict=True)
        ],
    }


def _drafted(turn: DraftTurn) -> dict[str, Json]:
    return {
        "speaker": turn.speaker,
        **_times(turn.span),
        "text": turn.text,
        "words": [
            {
                "text": word.text,
                **_times(word.span),
                "confidence": _share(word.probability or 0.0),
                "measured": True,
                "timing": "heard",
            }
            for word in turn.words
        ],
    }


def _finding(finding: Finding) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "kind": finding.kind,
        "utterance": finding.utterance,
        **_times(finding.span),
        "message": finding.message,
    }
    details: dict[str, Json] = {
        name: [*value] if isinstance(value, tuple) else value for name, value in finding.details.items()
    }
    return fields | {name: value for name, value in details.items() if name not in fields}


def _times(span: Span | None) -> dict[str, Json]:
    return {"start": _seconds(span.start if span else None), "end": _seconds(span.end if span else None)}


def _seconds(ms: Ms | None) -> float | None:
    return None if ms is None else to_seconds(ms)


def _share(value: float) -> float:
    return round(value, 3)
