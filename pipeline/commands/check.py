"""``cuemark check``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from pipeline.commands import flags
from pipeline.console.output import one_line, print_result
from pipeline.console.table import table
from pipeline.io.atomic import legal
from pipeline.times import format_clock, to_seconds

if TYPE_CHECKING:
    from pipeline.files.transcript_file import WrittenFile
    from pipeline.reading.lint.lint import Places, Slip
    from pipeline.schema import Transcript

    Json: TypeAlias = "str | float | bool | dict[str, Json] | list[Json] | None"

SCHEMA = "cuemark.check/1"
NOBODY = "(nobody named)"
"""The name in the table for turns whose speaker is not known."""


def check(
    transcript: flags.TranscriptPath,
    *,
    json: flags.Json = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with status 1 if anything looks wrong (what is only told is not).")
    ] = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Show how a transcript is understood, and what looks wrong.

    Nothing is listened to and nothing is changed. Each problem has its line number. What is "fine as it is" needs no
    change: cuemark understands it.
    """
    from pipeline.files.transcript_file import read_transcript  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.reading.lint.lint import Places, find_slips  # noqa: PLC0415 -- the same
    from pipeline.reading.transcript import parse  # noqa: PLC0415 -- the same

    written = read_transcript(transcript)
    document = parse(written.source)
    slips, places = find_slips(document), Places(written.source)
    print_result(_json(written, document, slips, places) if json else _text(document, slips, places))
    return int(strict and not all(slip.understood for slip in slips))


# --- text --------------------------------------------------------------------------------------------------------


def _text(document: Transcript, slips: tuple[Slip, ...], places: Places) -> str:
    parts = [table(_overview(document, places))]
    if document.sections:
        sections = [(str(places.line(section.chars.start)), section.title) for section in document.sections]
        parts.append(table(sections, ("line", "section")))
    if document.utterances:
        parts.append(_speakers_table(document))
    if slips:
        parts.append(table([(str(slip.line), str(slip.kind), _said(slip)) for slip in slips], ("line", "what")))
    parts.append(f"{_verdict(slips)}\n")
    return "\n".join(parts)


def _overview(document: Transcript, places: Places) -> list[tuple[str, str]]:
    return [
        ("title", document.title or "none"),
        ("panel", ", ".join(document.panel) or "none"),
        ("turns", str(len(document.utterances))),
        ("words", str(sum(word.kind == "spoken" for word in document.words))),
        ("times", _times(document)),
        ("note", _note(document, places)),
    ]


def _times(document: Transcript) -> str:
    if not document.claims:
        return "none typed"
    first, last = (format_clock(pick(claim.at for claim in document.claims)) for pick in (min, max))
    return f"{len(document.claims)} typed, from {first} to {last}"


def _note(document: Transcript, places: Places) -> str:
    if not document.notes:
        return "none"
    chars = document.notes[-1].chars
    return f"{one_line(document.source[chars.start : chars.end])} (line {places.line(chars.start)})"


def _speakers_table(document: Transcript) -> str:
    words = _words_by_speaker(document)
    turns = Counter(one.speaker for one in document.utterances)
    rows = [(name or NOBODY, str(turns[name]), str(words[name]), _on_panel(name, document)) for name in words]
    return table(
        rows, ("speaker", "turns", "words", "on the panel") if document.panel else ("speaker", "turns", "words")
    )


def _words_by_speaker(document: Transcript) -> dict[str | None, int]:
    """Count the spoken words of each speaker, in the order of their first turns."""
    words: dict[str | None, int] = {}
    for one in document.utterances:
        spoken = sum(document.words[k].kind == "spoken" for k in one.words)
        words[one.speaker] = words.get(one.speaker, 0) + spoken
    return words


def _on_panel(name: str | None, document: Transcript) -> str:
    if not document.panel:
        return ""
    return "yes" if _is_on_panel(name, document) else "no"


def _is_on_panel(name: str | None, document: Transcript) -> bool:
    return name in document.panel or name in {one.upper() for one in document.panel}


def _said(slip: Slip) -> str:
    said = f"fine as it is: {slip.message}" if slip.understood else slip.message
    return f"{said}: {slip.text}" if slip.text else said


def _verdict(slips: tuple[Slip, ...]) -> str:
    told = sum(slip.understood for slip in slips)
    wrong = len(slips) - told
    if not slips:
        return "nothing looks wrong"
    said = f"{wrong} thing{'' if wrong == 1 else 's'} to look at" if wrong else "nothing has to be changed"
    return f"{said}, {told} fine as {'it is' if told == 1 else 'they are'}" if told else said


# --- JSON --------------------------------------------------------------------------------------------------------


def _json(written: WrittenFile, document: Transcript, slips: tuple[Slip, ...], places: Places) -> str:
    import msgspec  # noqa: PLC0415 -- for this form alone

    shown: dict[str, Json] = {
        "schema": SCHEMA,
        "transcript": {"path": legal(str(written.path)), "sha256": written.sha256},
        "title": document.title,
        "panel": list(document.panel),
        "sections": [
            {"title": section.title, "line": places.line(section.chars.start), "utterance": section.utterance}
            for section in document.sections
        ],
        "utterances": len(document.utterances),
        "words": sum(word.kind == "spoken" for word in document.words),
        "speakers": _speakers(document),
        "times": {
            "count": len(document.claims),
            "first": min((to_seconds(claim.at) for claim in document.claims), default=None),
            "last": max((to_seconds(claim.at) for claim in document.claims), default=None),
        },
        "note": _note_json(document, places),
        "slips": [
            {
                "kind": slip.kind,
                "line": slip.line,
                "column": slip.column,
                "understood": slip.understood,
                "message": slip.message,
                "text": slip.text,
            }
            for slip in slips
        ],
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"


def _speakers(document: Transcript) -> list[Json]:
    turns = Counter(one.speaker for one in document.utterances)
    return [
        {"name": name, "utterances": turns[name], "words": number, "on_panel": _is_on_panel(name, document)}
        for name, number in _words_by_speaker(document).items()
    ]


def _note_json(document: Transcript, places: Places) -> Json:
    if not document.notes:
        return None
    note = document.notes[-1]
    text = document.source[note.chars.start : note.chars.end]
    return {"line": places.line(note.chars.start), "text": text, "seconds": to_seconds(note.at)}
