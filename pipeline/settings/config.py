"""All options of all stages in one value; a misspelt key is an error.

Each stage has its options, with defaults and meanings, in a frozen dataclass next to its function; a table of a
configuration is one such dataclass. ``settings.precedence`` decides where the values come from.
"""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from pipeline.errors import ConfigError
from pipeline.listening.audio.multitrack import TrackOptions
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.forced import ForcedOptions
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.listening.transcribe.span import SecondLookOptions
from pipeline.listening.transcribe.windows import HearOptions
from pipeline.matching.alignment.align import AlignOptions
from pipeline.matching.drafting.draft_turns import DraftOptions
from pipeline.matching.probing import MarkerOptions, WrongAudioOptions
from pipeline.options import describe
from pipeline.settings.publish_options import PublishOptions
from pipeline.writing import WritingOptions
from pipeline.writing.chapters.chapter_list import ChapterOptions
from pipeline.writing.cues import CueOptions
from pipeline.writing.exports.edit_list import EdlOptions
from pipeline.writing.exports.plain_text import TextOptions
from pipeline.writing.finished import FinishOptions
from pipeline.writing.markdown import MarkdownOptions
from pipeline.writing.transcript_page import HtmlOptions

PlaceName = Callable[[str], str]
"""Names the place where a table or a key such as ``transcribe.model`` was given: a file with its line, or an option."""

_MOST_SHOWN = 60
"""The characters of a name or value from a file that a message shows, so that it stays one line."""

_MOST_NAMES = 20
"""Names in a hint: all of any table, and of the models; a manifest may have 114 columns, which is no line to read."""

_LARGEST = 100_000_000
"""Larger numbers are refused, so that code that computes with an option cannot overflow."""

_HEADER = """\
# Every option of cuemark, with its default and what it means.
# Make a copy, take the "#" away before what you want to change, and give the copy with --config; or call it
# cuemark.toml and put it next to your show's transcripts, where it is read automatically.
# Written by scripts/make_default_config.py; a test compares.
"""


@dataclass(frozen=True, slots=True)
class Config:
    """The options of all stages, in the order of the data."""

    weights: WeightsOptions = field(default_factory=WeightsOptions)
    transcribe: TranscribeOptions = field(default_factory=TranscribeOptions)
    speech: SpeechOptions = field(default_factory=SpeechOptions)
    hear: HearOptions = field(default_factory=HearOptions)
    diarize: DiarizeOptions = field(default_factory=DiarizeOptions)
    tracks: TrackOptions = field(default_factory=TrackOptions)
    align: AlignOptions = field(default_factory=AlignOptions)
    second_look: SecondLookOptions = field(default_factory=SecondLookOptions)
    forced: ForcedOptions = field(default_factory=ForcedOptions)
    marker: MarkerOptions = field(default_factory=MarkerOptions)
    wrong_audio: WrongAudioOptions = field(default_factory=WrongAudioOptions)
    draft: DraftOptions = field(default_factory=DraftOptions)
    finish: FinishOptions = field(default_factory=FinishOptions)
    markdown: MarkdownOptions = field(default_factory=MarkdownOptions)
    cues: CueOptions = field(default_factory=CueOptions)
    html: HtmlOptions = field(default_factory=HtmlOptions)
    chapters: ChapterOptions = field(default_factory=ChapterOptions)
    txt: TextOptions = field(default_factory=TextOptions)
    edl: EdlOptions = field(default_factory=EdlOptions)
    publish: PublishOptions = field(default_factory=PublishOptions)

    @property
    def writing(self) -> WritingOptions:
        """The options of the writers."""
        return WritingOptions(
            markdown=self.markdown,
            cues=self.cues,
            html=self.html,
            chapters=self.chapters,
            txt=self.txt,
            edl=self.edl,
        )


def overlay(config: Config, tables: Mapping[str, object], place: PlaceName) -> Config:
    """Replace the values that a file sets, key by key.

    Args:
        tables: the file's TOML.
        place: names the place of a table or key in the file.

    Raises:
        ConfigError: a table or a key is unknown, or a value does not fit its option.
    """
    for name, table in tables.items():
        hints = _hints(name, place)
        if not isinstance(table, dict):
            raise ConfigError(place(name), f"{name} is a table, and its keys are written below [{name}]")
        values = {key: _checked(hints, f"{name}.{key}", value, place) for key, value in table.items()}
        config = _with(config, name, values, place, f"[{name}]: ")
    return config


def overrule(config: Config, flags: Mapping[str, object], place: PlaceName) -> Config:
    """Replace the values that command line options set, as ``{"transcribe.model": "base"}``.

    Their types are right already, so only choices and limits are checked: the library that checks types takes 0.1 s to
    load, and most runs have no file.

    Raises:
        ConfigError: a value does not fit its option.
    """
    tables: dict[str, dict[str, object]] = {}
    for name, value in flags.items():
        table, key = name.split(".")
        _check_choice(_hints(table, place)[key], name, value, place)
        tables.setdefault(table, {})[key] = value
    for table, values in tables.items():
        config = _with(config, table, values, place)
    return config


def default_toml() -> str:
    """Return the text of ``configs/default.toml``: all tables and keys, each key commented out, with its default."""
    tables = (_describe(name, kind) for name, kind in get_type_hints(Config).items())
    return "\n".join([_HEADER, *tables])


def toml_line(key: str, value: object) -> str:
    """Return a line of TOML that sets ``key``; for None, which TOML lacks, the key is commented out.

    >>> toml_line("model", "base"), toml_line("folder", None)
    ('model = "base"', '#folder =')
    """
    if value is None:
        return f"#{key} ="
    return f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")  # raw in JSON, not in TOML


def nearest_hint(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to an unknown one, or the known ones, as the end of a sentence."""
    names = [*known]
    found = difflib.get_close_matches(name[:_MOST_SHOWN], names, n=1, cutoff=0.5)
    if found:
        return f"; do you mean {found[0]}?"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"; there are {', '.join(names[:_MOST_NAMES])}{more}"


def _with(config: Config, name: str, values: Mapping[str, Any], place: PlaceName, prefix: str = "") -> Config:
    try:
        return replace(config, **{name: replace(getattr(config, name), **values)})
    except ValueError as e:  # a limit that the option dataclass checks
        raise ConfigError(place(name), f"{prefix}{e}") from e


# --- checks ------------------------------------------------------------------------------------------------------


def _hints(name: str, place: PlaceName) -> dict[str, Any]:
    """Return the keys of a table with their types."""
    tables = get_type_hints(Config)
    if name not in tables:
        raise ConfigError(place(name), f"there is no table [{_cut(name)}]{_home(name) or nearest_hint(name, tables)}")
    return get_type_hints(tables[name])


def _checked(hints: Mapping[str, Any], name: str, value: object, place: PlaceName) -> object:
    """Return the value in the type of its option; an integer becomes a float if the option is one."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 -- costs 0.1 s, and most runs have no file

    key = name.partition(".")[2]
    if key not in hints:
        raise ConfigError(place(name), f"there is no {_cut(name)}{_home(key) or nearest_hint(key, hints)}")
    if isinstance(value, dict):
        raise ConfigError(place(name), f"{name} is a single value, not a table")
    _check_choice(hints[key], name, value, place)
    try:
        given = json.dumps(value, allow_nan=False)
        return cast("object", TypeAdapter(hints[key]).validate_json(given, strict=True))
    except ValidationError as e:
        reason = e.errors()[0]["msg"].replace("Input", name, 1)
        raise ConfigError(place(name), f"{reason}, not {_cut(given)}") from e
    except (TypeError, ValueError, RecursionError) as e:  # not expressible in JSON, so no option has such a value
        raise ConfigError(place(name), f"{name} is a date, a number that is not finite, or nested deeply") from e


def _check_choice(hint: object, name: str, value: object, place: PlaceName) -> None:
    if isinstance(value, int | float) and abs(value) > _LARGEST:
        raise ConfigError(place(name), f"{name} is too large: {_cut(str(value))}")
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    if isinstance(value, str) and choices and value not in choices:
        reason = f"{name} has no choice {_cut(json.dumps(value))}; there are {', '.join(choices)}"
        raise ConfigError(place(name), reason)


def _home(key: str) -> str:
    """Return the end of a sentence that names the right table of a key; empty if no table has it."""
    homes = (table for table, kind in get_type_hints(Config).items() if key in get_type_hints(kind))
    return next((f"; {key} belongs below [{table}]" for table in homes), "")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


# --- configs/default.toml ----------------------------------------------------------------------------------------


def _describe(name: str, kind: type[Any]) -> str:
    about = (kind.__doc__ or "").partition("\n")[0]
    keys = (line for item in fields(kind) for line in _describe_key(kind, item))
    return "\n".join([f"[{name}]", f"# {about}", *keys, ""])


def _describe_key(kind: type[Any], item: Field[Any]) -> Iterator[str]:
    meaning = textwrap.wrap(
        describe(kind, item.name), 100, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
    yield from ("", *meaning, f"#{toml_line(item.name, item.default).removeprefix('#')}")
