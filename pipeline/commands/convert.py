"""``cuemark convert``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import flags
from pipeline.console.output import path_list, print_message, print_result


def convert(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="A transcript: Markdown, text, DOCX, SRT, VTT, ASS, HTML, JSON, TextGrid, EAF."
        ),
    ],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="The new file; its suffix names the format: .vtt, .docx, ...")
    ],
    *,
    overwrite: flags.Overwrite = False,
    subtitles: flags.SubtitlePreset = None,
    max_line_width: flags.LineWidth = None,
    max_line_count: flags.LineCount = None,
    speaker_labels: flags.SpeakerLabels = None,
    keep_editorial: flags.KeepEditorial = None,
    language: flags.Language = None,
    config: flags.ConfigFile = None,
    show_config: flags.ShowConfig = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Convert a transcript to another format, without its audio.

    The times are those that the transcript has; nothing is listened to.
    """
    from pipeline.files.conversion import ConvertOptions  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.files.conversion import convert as convert_file  # noqa: PLC0415 -- the same
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    chosen = {
        **flags.subtitle_flags(
            preset=subtitles,
            width=max_line_width,
            count=max_line_count,
            labels=speaker_labels,
            editorial=keep_editorial,
        ),
        "transcribe.language": language,
    }
    settings = flags.load_settings(config, source, chosen)
    if show_config:
        return flags.print_settings(settings)
    options = ConvertOptions(settings.config.writing, settings.config.transcribe.language)
    converted = convert_file(source, target, options, Store(default_folder()), overwrite=overwrite)
    for line in converted.remarks:
        print_message(line)
    print_result(path_list((converted.path,), null=False))
    return 0
