"""The command line options that commands share, each declared once, and their conversion to settings and requests.

Heavy modules are imported when a command runs, so that ``--help`` stays fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from pipeline.errors import ConfigError
from pipeline.io.atomic import legal
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.options import choices, describe, meaning

if TYPE_CHECKING:
    from pipeline.console.unchanged_run import RepeatableRun
    from pipeline.episode.engines import Engines
    from pipeline.files.store import Store
    from pipeline.schema import Result
    from pipeline.settings.precedence import Settings

WRITTEN_BY_DEFAULT = ("md", "srt", "vtt", "json")
"""The formats if none is given; ``all`` may include more in the future."""


def _meaning(name: str) -> str:
    """Return the meaning and the default of an option of the transcription, from its dataclass."""
    default = next(item.default for item in fields(TranscribeOptions) if item.name == name)
    return f"{meaning(TranscribeOptions, name)}." + ("" if default is None else f" By default {default}.")


def _choices(name: str) -> str:
    return "|".join(choices(TranscribeOptions, name))


Audio: TypeAlias = Annotated[
    Path, typer.Argument(metavar="AUDIO", help="The episode: mp3, m4a, ogg, opus, flac, wav, mp4, mkv, webm.")
]
TranscriptPath: TypeAlias = Annotated[
    Path, typer.Argument(metavar="TRANSCRIPT", help="What was typed of it so far: Markdown, text, SRT, VTT, JSON, ...")
]
Model: TypeAlias = Annotated[str | None, typer.Option(metavar="MODEL", help=_meaning("model"))]
Language: TypeAlias = Annotated[str | None, typer.Option(metavar="LANGUAGE", help=_meaning("language"))]
Device: TypeAlias = Annotated[str | None, typer.Option(metavar=_choices("device"), help=_meaning("device"))]
Engine: TypeAlias = Annotated[str | None, typer.Option(metavar=_choices("engine"), help=_meaning("engine"))]
Offline: TypeAlias = Annotated[bool, typer.Option("--offline", help=describe(WeightsOptions, "offline"))]
ConfigFile: TypeAlias = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE|PRESET", help="A TOML file with options, or a preset: fast, accurate."),
]
ShowConfig: TypeAlias = Annotated[
    bool, typer.Option("--show-config", help="Print every option in force with what set it, and stop.")
]
Voices: TypeAlias = Annotated[
    bool | None, typer.Option("--voices/--no-voices", help="Identify speakers by their voices. By default yes.")
]
Speakers: TypeAlias = Annotated[
    str | None, typer.Option(metavar="N|N-M|panel", help="How many people speak; else it is found.")
]
TrackFiles: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--track", metavar="NAME=FILE", help="A speaker's own recording; one for each of them."),
]
VoiceBookOf: TypeAlias = Annotated[
    str | None,
    typer.Option("--voice-book", metavar="SHOW", help="Know people by this show's voices, and learn them."),
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
        help="all, html, docx, ...; repeatable. Default: md, srt, vtt, json.",
    ),
]
ChapterSource: TypeAlias = Annotated[
    str | None,
    typer.Option("--chapters", metavar="headings|auto", help="With auto, propose chapters if there are no headings."),
]
EmbedChapters: TypeAlias = Annotated[
    bool, typer.Option("--embed-chapters", help="Also write a copy of the audio with the chapters in it.")
]
KeepCues: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--keep-cues",
        help="Write the SRT, VTT or Word document given with only its times changed, too.",
    ),
]
EmbedAudio: TypeAlias = Annotated[
    bool, typer.Option("--embed-audio", help="Put the sound into the web page (html) itself, as AAC.")
]
Overwrite: TypeAlias = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace results even if they were changed since."),
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
    bool, typer.Option("--fix-times", help="Replace typed times that are off by 2 s or more.")
]
TocTimes: TypeAlias = Annotated[
    bool, typer.Option("--toc-times", help="Write times into the transcript's own table of contents, too.")
]
SubtitlePreset: TypeAlias = Annotated[
    str | None,
    typer.Option("--subtitles", metavar="PRESET", help="Limits to keep: default, podcast, broadcast, video or ted."),
]
SpeakerLabels: TypeAlias = Annotated[
    bool | None,
    typer.Option("--speaker-labels/--no-speaker-labels", help="Name who speaks in the subtitles. By default yes."),
]
KeepEditorial: TypeAlias = Annotated[
    bool | None,
    typer.Option("--keep-editorial/--drop-editorial", help="Show [Laughter] and the like in subtitles. By default no."),
]
LineWidth: TypeAlias = Annotated[
    int | None, typer.Option("--max-line-width", metavar="NUMBER", help="The most characters in a line of a subtitle.")
]
LineCount: TypeAlias = Annotated[
    int | None, typer.Option("--max-line-count", metavar="NUMBER", help="The most lines in a subtitle.")
]
FinishInPlace: TypeAlias = Annotated[
    bool, typer.Option("--in-place", help="Write the draft into the transcript itself.")
]
Times: TypeAlias = Annotated[
    bool | None, typer.Option("--times", help="Write a time before each speaker, even if the file has none so far.")
]
Verbatim: TypeAlias = Annotated[
    bool | None, typer.Option("--verbatim", help="Keep every um, and every listener's yeah.")
]
MarkUncertain: TypeAlias = Annotated[
    bool | None, typer.Option("--mark-uncertain", help="Put [?] after words that Whisper is not sure of.")
]
FillGaps: TypeAlias = Annotated[
    bool | None, typer.Option("--fill-gaps", help="Draft what was left out in the middle, too.")
]
FillUnintelligible: TypeAlias = Annotated[
    bool | None,
    typer.Option("--fill-unintelligible", help="Write for [unintelligible] what was heard, if that is sure."),
]
Force: TypeAlias = Annotated[
    bool, typer.Option("--force", help="Go on even if the two do not seem to belong together.")
]
Strict: TypeAlias = Annotated[
    bool,
    typer.Option("--strict", help="End with status 1 if anything but a moved note is found."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Null: TypeAlias = Annotated[
    bool, typer.Option("--null", help="End each printed path with a zero byte, and quote none.")
]
Relisten: TypeAlias = Annotated[
    bool, typer.Option("--relisten", help="Listen again, even if this audio was heard before.")
]
Debug: TypeAlias = Annotated[
    bool, typer.Option("--debug", help="Print more, and where in cuemark an error was raised.")
]


def listening_flags(
    model: str | None, language: str | None, device: str | None, engine: str | None, *, offline: bool
) -> dict[str, object]:
    """Return the options of the transcription by their keys; None if an option was not given."""
    given = {"model": model, "language": language, "device": device, "engine": engine}
    return {**{f"transcribe.{name}": value for name, value in given.items()}, "weights.offline": offline or None}


def draft_flags(
    *, verbatim: bool | None, uncertain: bool | None, gaps: bool | None, marks: bool | None
) -> dict[str, object]:
    """Return the options of the draft by their keys; None if an option was not given."""
    return {
        "draft.verbatim": verbatim,
        "draft.mark_uncertain": uncertain,
        "draft.fill_gaps": gaps,
        "draft.fill_unintelligible": marks,
    }


def voice_flags(voices: bool | None, speakers: str | None) -> dict[str, object]:  # noqa: FBT001 -- as Typer gives it
    """Return the options of the diarization by their keys; None if an option was not given."""
    return {"diarize.voices": voices, "diarize.speakers": speakers}


def parse_tracks(given: Sequence[str] | None) -> dict[str, Path]:
    """Parse ``--track``: the speakers' own recordings by their names.

    Raises:
        ConfigError: one has no name or no file, or a name is given twice.
    """
    found: dict[str, Path] = {}
    for word in given or ():
        name, equals, file = word.partition("=")
        if not (name.strip() and equals and file):
            raise ConfigError(f"--track {word}", 'write the name and the file, such as --track "Ann Lee=ann.wav"')
        if name.strip() in found:
            raise ConfigError(f"--track {word}", f"{name.strip()} has two; give one recording for each speaker")
        found[legal(name.strip())] = Path(file)
    return found


def check_printed(*, diff: bool = False, json: bool = False, null: bool = False) -> None:
    """Refuse two options that both say what is printed.

    Raises:
        ConfigError: more than one is given.
    """
    given = [name for name, value in (("--diff", diff), ("--json", json), ("--null", null)) if value]
    if len(given) > 1:
        verb = "both print" if given[:2] == ["--diff", "--json"] else "both say what is printed"
        raise ConfigError("command line", f"{given[0]} and {given[1]} {verb}; give one of them")


def parse_formats(asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the formats' names in the order of ``FORMATS``, each once."""
    from pipeline.writing import FORMATS  # noqa: PLC0415 -- heavy, and --help needs none of it

    wanted = asked or WRITTEN_BY_DEFAULT
    for name in wanted:
        if name not in {*FORMATS, "all"}:
            raise ConfigError("--output-format", f"there is no {name}; there are {', '.join(FORMATS)} and all")
    return tuple(name for name, form in FORMATS.items() if name in wanted or (form.in_all and "all" in wanted))


def load_settings(given: str | None, transcript: Path | None, flags: Mapping[str, object]) -> Settings:
    """Collect the options of all stages: command line options (if not None), files, defaults.

    Args:
        given: the value of ``--config``.
        transcript: next to which the show's own settings may be; None for no search.

    Raises:
        ConfigError: a file or the value of an option is not valid.
    """
    from pipeline.settings.precedence import load_settings  # noqa: PLC0415 -- heavy, and --help needs none of it

    return load_settings(given, transcript, flags)


def subtitle_flags(
    *, preset: str | None, width: int | None, count: int | None, labels: bool | None, editorial: bool | None
) -> dict[str, object]:
    """Return the options of the subtitles by their keys; None if an option was not given."""
    return {
        "cues.preset": preset,
        "cues.max_line_width": width,
        "cues.max_line_count": count,
        "cues.speaker_labels": labels,
        "cues.keep_editorial": editorial,
    }


def print_settings(settings: Settings) -> int:
    """Print the settings in force; returns the exit status."""
    from pipeline.console.output import print_result  # noqa: PLC0415 -- the same
    from pipeline.settings.precedence import render_settings  # noqa: PLC0415 -- the same

    print_result(render_settings(settings))
    return 0


def repeatable_run(
    context: typer.Context,
    store: Store,
    inputs: Iterable[Path | None],
    tracks: Sequence[str] | None,
    config: str | None,
    transcript: Path | None,
) -> RepeatableRun:
    """Return the run of the command with all that it depends on; one with engines that were given is never repeated.

    Args:
        context: of the command.
        store: with the runs before.
        inputs: the files that it reads, besides tracks and options; None for one that is not given.
        tracks: the value of ``--track``.
        config: the value of ``--config``.
        transcript: next to which the show's own settings may be.
    """
    from pipeline.console.unchanged_run import RepeatableRun  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.settings.setting_files import setting_files  # noqa: PLC0415 -- the same

    read = (*(path for path in inputs if path), *parse_tracks(tracks).values(), *setting_files(config, transcript))
    words = {"": context.info_name, **context.params} if context.obj is None else None
    return RepeatableRun(store, words, read)


def engines_of(context: typer.Context) -> Engines:
    """Return the engines that the caller of ``main`` gave, else the real ones."""
    from pipeline.episode.engines import Engines, real_engines  # noqa: PLC0415 -- the same

    return context.obj if isinstance(context.obj, Engines) else real_engines()


def wants_json(context: typer.Context, *, json: bool) -> bool:
    """Return whether JSON is asked for: by the subcommand's option, or by the same option before the subcommand."""
    return json or bool(context.parent and context.parent.params.get("json"))


def exit_status(result: Result, *, strict: bool) -> int:
    """Return 1 if ``strict`` and there are findings that count for it (see ``finding_kinds``)."""
    from pipeline.matching.finding_kinds import counts_for_strict  # noqa: PLC0415 -- heavy, and --help needs none of it

    drafted = [turn.span for turn in result.drafted]
    return int(strict and any(counts_for_strict(finding, drafted) for finding in result.findings))
