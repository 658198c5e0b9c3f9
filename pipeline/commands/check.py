"""``cuemark check``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from pipeline.commands import flags
from pipeline.console.output import one_line, print_result
from pipeline.console.table import table
from pipeline.errors import ConfigError
from pipeline.io.atomic import legal
from pipeline.publish.platforms import PLATFORMS
from pipeline.times import format_clock, to_seconds

if TYPE_CHECKING:
    from pipeline.files.transcript_file import WrittenFile
    from pipeline.reading.lint.lint import LintIssue
    from pipeline.reading.markup.whitespace import LineIndex
    from pipeline.schema import Transcript

    Json: TypeAlias = "str | float | bool | dict[str, Json] | list[Json] | None"

SCHEMA = "cuemark.check/1"
NOBODY = "(nobody named)"
"""The name in the table for turns whose speaker is not known."""


def check(
    transcript: Annotated[
        Path, typer.Argument(metavar="TRANSCRIPT|SUBTITLES", help="A transcript; with --for, an srt, vtt or json file.")
    ],
    *,
    platform: Annotated[
        str | None,
        typer.Option("--for", metavar="PLATFORM", help=f"Hold the file against its rules: {', '.join(PLATFORMS)}."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="With --for, write a mended copy, with .fixed before the suffix.")
    ] = False,
    output_dir: flags.OutputDir = None,
    overwrite: flags.Overwrite = False,
    json: flags.Json = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="End with status 1 if anything looks wrong, except what is fine as it is."),
    ] = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Show how a transcript is understood, and what looks wrong, or what a platform will not take.

    Nothing is listened to and nothing is changed. Each problem has its line number. What is "fine as it is" needs no
    change: cuemark understands it. With --for, subtitles or a transcript in JSON, by any program, are held against the
    rules of a podcast host, a player or an editing program.
    """
    if platform is not None:
        return _check_for(transcript, platform, _Copy(output_dir or Path(), overwrite) if fix else None, (json, strict))
    if fix or output_dir is not None or overwrite:
        raise ConfigError("command line", "--fix, --output-dir and --overwrite need --for PLATFORM")
    from pipeline.files.transcript_file import read_transcript  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.reading.lint.lint import find_issues  # noqa: PLC0415 -- the same
    from pipeline.reading.markup.whitespace import LineIndex  # noqa: PLC0415 -- the same
    from pipeline.reading.transcript import parse  # noqa: PLC0415 -- the same

    written = read_transcript(transcript)
    document = parse(written.source)
    issues, lines = find_issues(document), LineIndex(written.source)
    print_result(_json(written, document, issues, lines) if json else _text(document, issues, lines))
    return int(strict and not all(issue.understood for issue in issues))


# --- platforms ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Copy:
    """Where a mended copy is written, and whether a file there that somebody changed is replaced."""

    folder: Path
    overwrite: bool


def _check_for(path: Path, platform: str, copy: _Copy | None, shown: tuple[bool, bool]) -> int:
    """Hold a file against a platform's rules; ``shown``: whether as JSON, and whether findings are a failure."""
    if platform not in PLATFORMS:
        raise ConfigError("--for", f"there is no platform {platform!r}; there are {', '.join(PLATFORMS)}")
    from pipeline.publish.platform_check import check_content, read_content  # noqa: PLC0415 -- --help needs none of it
    from pipeline.publish.platform_report import render_json, render_text  # noqa: PLC0415 -- the same

    as_json, strict = shown
    checked = check_content(read_content(path), path.suffix, platform)
    fixed = None
    if copy and checked.mended is not None:
        fixed = copy.folder / f"{path.stem}.fixed.{checked.form}"
        _write(copy, fixed, path, checked.mended)
    print_result(render_json(checked, platform, path, fixed) if as_json else render_text(checked, platform, fixed))
    return int(strict and bool(checked.violations))


def _write(copy: _Copy, path: Path, source: Path, text: str) -> None:
    from pipeline.files.results import ResultFolder, check_results, most_mode, write_results  # noqa: PLC0415 -- late
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    folder, store = ResultFolder.at(copy.folder), Store(default_folder())
    check_results(folder, [path], [source], store, overwrite=copy.overwrite)
    write_results(folder, {path: text.encode()}, store, overwrite=copy.overwrite, mode=most_mode(source))


# --- text --------------------------------------------------------------------------------------------------------


def _text(document: Transcript, issues: tuple[LintIssue, ...], lines: LineIndex) -> str:
    parts = [table(_overview(document, lines))]
    if document.sections:
        sections = [(str(lines.line(section.chars.start)), section.title) for section in document.sections]
        parts.append(table(sections, ("line", "section")))
    if document.utterances:
        parts.append(_speakers_table(document))
    if issues:
        parts.append(table([(str(issue.line), str(issue.kind), _said(issue)) for issue in issues], ("line", "what")))
    parts.append(f"{_verdict(issues)}\n")
    return "\n".join(parts)


def _overview(document: Transcript, lines: LineIndex) -> list[tuple[str, str]]:
    return [
        ("title", document.title or "none"),
        ("panel", ", ".join(document.panel) or "none"),
        ("turns", str(len(document.utterances))),
        ("words", str(sum(word.kind == "spoken" for word in document.words))),
        ("times", _times(document)),
        ("note", _note(document, lines)),
    ]


def _times(document: Transcript) -> str:
    if not document.claims:
        return "none typed"
    first, last = (format_clock(pick(claim.at for claim in document.claims)) for pick in (min, max))
    return f"{len(document.claims)} typed, from {first} to {last}"


def _note(document: Transcript, lines: LineIndex) -> str:
    if not document.notes:
        return "none"
    chars = document.notes[-1].chars
    return f"{one_line(document.source[chars.start : chars.end])} (line {lines.line(chars.start)})"


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


def _said(issue: LintIssue) -> str:
    said = f"fine as it is: {issue.message}" if issue.understood else issue.message
    return f"{said}: {issue.text}" if issue.text else said


def _verdict(issues: tuple[LintIssue, ...]) -> str:
    understood = sum(issue.understood for issue in issues)
    wrong = len(issues) - understood
    if not issues:
        return "nothing looks wrong"
    said = f"{wrong} thing{'' if wrong == 1 else 's'} to look at" if wrong else "nothing has to be changed"
    return f"{said}, {understood} fine as {'it is' if understood == 1 else 'they are'}" if understood else said


# --- JSON --------------------------------------------------------------------------------------------------------


def _json(written: WrittenFile, document: Transcript, issues: tuple[LintIssue, ...], lines: LineIndex) -> str:
    import msgspec  # noqa: PLC0415 -- for this form alone

    shown: dict[str, Json] = {
        "schema": SCHEMA,
        "transcript": {"path": legal(str(written.path)), "sha256": written.sha256},
        "title": document.title,
        "panel": list(document.panel),
        "sections": [
            {"title": section.title, "line": lines.line(section.chars.start), "utterance": section.utterance}
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
        "note": _note_json(document, lines),
        "slips": [
            {
                "kind": issue.kind,
                "line": issue.line,
                "column": issue.column,
                "understood": issue.understood,
                "message": issue.message,
                "text": issue.text,
            }
            for issue in issues
        ],
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"


def _speakers(document: Transcript) -> list[Json]:
    turns = Counter(one.speaker for one in document.utterances)
    return [
        {"name": name, "utterances": turns[name], "words": number, "on_panel": _is_on_panel(name, document)}
        for name, number in _words_by_speaker(document).items()
    ]


def _note_json(document: Transcript, lines: LineIndex) -> Json:
    if not document.notes:
        return None
    note = document.notes[-1]
    text = document.source[note.chars.start : note.chars.end]
    return {"line": lines.line(note.chars.start), "text": text, "seconds": to_seconds(note.at)}
