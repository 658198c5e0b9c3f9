"""The commands with their flags. What takes time to load is loaded by the command that needs it, not by ``--help``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer
from typer.main import get_command

import pipeline
from pipeline.errors import ConfigError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.options import describe
from pipeline.show import give
from pipeline.store import Store, default_folder

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.episode import Ears
    from pipeline.schema import Result

app = typer.Typer(add_completion=False, rich_markup_mode=None)
WRITTEN_BY_DEFAULT = ("md", "srt", "vtt", "json")
"""The formats of ``align`` where none is asked for; ``all`` may come to mean more."""


def _meaning(name: str) -> str:
    """What an option of the listening means and what it is where nobody says, from where both are written."""
    default = next(item.default for item in fields(TranscribeOptions) if item.name == name)
    return describe(TranscribeOptions, name) + ("" if default is None else f" By default {default}.")


def run(words: Sequence[str], ears: Ears | None) -> int:
    """Run the command that ``words`` name and give its exit status.

    Raises:
        ConfigError: the command line is wrong.
        PipelineError: the command failed.
    """
    command = get_command(app)
    try:
        with command.make_context("cuemark", list(words) or ["--help"], obj=ears) as context:
            return cast("int", command.invoke(context))
    except typer.Exit as e:
        return e.exit_code
    except typer.TyperException as e:
        raise ConfigError("command line", f"{e.format_message()} (cuemark --help tells more)") from e


# --- the flags -----------------------------------------------------------------------------------------------------

Audio: TypeAlias = Annotated[
    Path, typer.Argument(metavar="AUDIO", help="The episode: mp3, m4a, ogg, opus, flac, wav, mp4, mkv, webm.")
]
TranscriptPath: TypeAlias = Annotated[
    Path, typer.Argument(metavar="TRANSCRIPT", help="What was typed of it so far, in Markdown.")
]
Model: TypeAlias = Annotated[str | None, typer.Option(metavar="MODEL", help=_meaning("model"))]
Language: TypeAlias = Annotated[str | None, typer.Option(metavar="CODE", help=_meaning("language"))]
Device: TypeAlias = Annotated[str | None, typer.Option(metavar="DEVICE", help=_meaning("device"))]
Engine: TypeAlias = Annotated[str | None, typer.Option(metavar="ENGINE", help=_meaning("engine"))]
ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A TOML file with options; configs/default.toml lists them all."),
]
OutputDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output-dir", "-o", metavar="FOLDER", help="The folder for the results; by default the current one."
    ),
]
OutputFormats: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--output-format",
        "-f",
        metavar="FORMAT",
        help="md, srt, vtt, json, or all; may be given again. By default these four.",
    ),
]
Overwrite: TypeAlias = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace results even if somebody has changed them, or they are not cuemark's."),
]
InPlace: TypeAlias = Annotated[
    bool, typer.Option("--in-place", help="Write the times and the note into the transcript itself.")
]
MarkInPlace: TypeAlias = Annotated[bool, typer.Option("--in-place", help="Write the note into the transcript itself.")]
Diff: TypeAlias = Annotated[
    bool, typer.Option("--diff", help="Show what would change in the transcript, and write nothing.")
]
NoTimes: TypeAlias = Annotated[bool, typer.Option("--no-times", help="Change only the note; write no times.")]
FixTimes: TypeAlias = Annotated[
    bool, typer.Option("--fix-times", help="Replace times that were typed by hand where they are off by 2 s or more.")
]
LineWidth: TypeAlias = Annotated[
    int | None, typer.Option("--max-line-width", metavar="NUMBER", help="The most characters in a line of a subtitle.")
]
LineCount: TypeAlias = Annotated[
    int | None, typer.Option("--max-line-count", metavar="NUMBER", help="The most lines in a subtitle.")
]
Force: TypeAlias = Annotated[
    bool, typer.Option("--force", help="Go on even if the transcript does not seem to belong to the audio.")
]
Strict: TypeAlias = Annotated[
    bool,
    typer.Option("--strict", help="End with status 1 if there is anything to look at (a moved note alone is not)."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Relisten: TypeAlias = Annotated[
    bool, typer.Option("--relisten", help="Listen again, even if this audio was heard before.")
]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Tell more, and show where in cuemark an error arose.")]


def _version(*, wanted: bool) -> None:
    if wanted:
        give(f"cuemark {pipeline.__version__}\n")
        raise typer.Exit


@app.callback()
def cuemark(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Tell the version."
        ),
    ] = False,
) -> None:
    """Find every word of a podcast's transcript in its audio: times, subtitles, and where to go on typing."""


@app.command()
def align(
    context: typer.Context,
    audio: Audio,
    transcript: TranscriptPath,
    *,
    output_dir: OutputDir = None,
    output_format: OutputFormats = None,
    overwrite: Overwrite = False,
    in_place: InPlace = False,
    diff: Diff = False,
    no_times: NoTimes = False,
    fix_times: FixTimes = False,
    max_line_width: LineWidth = None,
    max_line_count: LineCount = None,
    json: Json = False,
    strict: Strict = False,
    force: Force = False,
    relisten: Relisten = False,
    model: Model = None,
    language: Language = None,
    device: Device = None,
    engine: Engine = None,
    config: ConfigFile = None,
    debug: Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Give a transcript its times.

    Writes the transcript with a time before each speaker and a right "Continue at" note, subtitles, and a report (JSON)
    of what does not fit.
    """
    from pipeline.delivery import Request, deliver_alignment  # noqa: PLC0415 -- heavy, and --help needs none of it

    if diff and json:
        raise ConfigError("command line", "--diff and --json both print; give one of them")
    if no_times and fix_times:
        raise ConfigError("command line", "--fix-times changes times, and --no-times leaves them; give one of them")
    request = Request(
        audio=audio,
        transcript=transcript,
        folder=output_dir or Path(),
        formats=_formats(output_format),
        in_place=in_place,
        diff=diff,
        json=json,
        overwrite=overwrite,
        force=force,
    )
    flags = {
        **_listening_flags(model, language, device, engine),
        "markdown.times": False if no_times else None,
        "markdown.fix_times": fix_times or None,
        "cues.max_line_width": max_line_width,
        "cues.max_line_count": max_line_count,
    }
    result = deliver_alignment(request, _config(config, flags), _ears(context), Store(default_folder(), relisten))
    return _status(result, strict=strict)


@app.command()
def marker(
    context: typer.Context,
    audio: Audio,
    transcript: TranscriptPath,
    *,
    in_place: MarkInPlace = False,
    json: Json = False,
    strict: Strict = False,
    force: Force = False,
    relisten: Relisten = False,
    model: Model = None,
    language: Language = None,
    device: Device = None,
    engine: Engine = None,
    config: ConfigFile = None,
    debug: Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Tell where to go on typing.

    Prints the "Continue at" note as it should be, or "complete", and below it the note as it was.
    """
    from pipeline.delivery import Request, deliver_mark  # noqa: PLC0415 -- heavy, and --help needs none of it

    request = Request(audio=audio, transcript=transcript, in_place=in_place, json=json, force=force)
    flags = _listening_flags(model, language, device, engine)
    result = deliver_mark(request, _config(config, flags), _ears(context), Store(default_folder(), relisten))
    return _status(result, strict=strict)


# --- from the flags to the work ------------------------------------------------------------------------------------


def _listening_flags(
    model: str | None, language: str | None, device: str | None, engine: str | None
) -> dict[str, object]:
    given = {"model": model, "language": language, "device": device, "engine": engine}
    return {f"transcribe.{name}": value for name, value in given.items()}


def _formats(asked: Sequence[str] | None) -> tuple[str, ...]:
    """The formats' names in the order of ``FORMATS``, each once."""
    from pipeline.writing import FORMATS  # noqa: PLC0415 -- heavy, and --help needs none of it

    wanted = asked or WRITTEN_BY_DEFAULT
    for name in wanted:
        if name not in {*FORMATS, "all"}:
            raise ConfigError("--output-format", f"there is no {name}; there are {', '.join(FORMATS)} and all")
    return tuple(name for name in FORMATS if name in wanted or "all" in wanted)


def _config(path: Path | None, flags: Mapping[str, object]) -> Config:
    from pipeline.config import load  # noqa: PLC0415 -- heavy, and --help needs none of it

    return load(path, {name: value for name, value in flags.items() if value is not None})


def _ears(context: typer.Context) -> Ears:
    from pipeline.episode import Ears, real_ears  # noqa: PLC0415 -- the same

    return context.obj if isinstance(context.obj, Ears) else real_ears()


def _status(result: Result, *, strict: bool) -> int:
    """A note that has moved is what everybody hopes for; anything else is something to look at."""
    return int(strict and any(finding.kind != "note-moved" for finding in result.findings))
