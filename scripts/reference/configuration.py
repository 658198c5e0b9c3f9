"""The pages of the configuration file and of the subtitle presets, from the dataclasses of the options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pipeline.options import choices as choices_of
from pipeline.options import meaning
from pipeline.settings.config import Config
from pipeline.settings.precedence import LARGEST, NOT_FOR_A_SHOW
from pipeline.settings.setting_files import SHOW_FILE, presets
from pipeline.writing.presets import PRESETS, FormatName, Limits
from scripts.reference.markdown import choices, code, fenced, page, sentence, table, text

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}

_SHOW_EXAMPLE = """\
[transcribe]
language = "de"
model = "small"

[cues]
preset = "broadcast"
keep_editorial = true
"""


def pages() -> dict[str, str]:
    """Return the pages by their paths below docs/reference."""
    return {"configuration.md": _configuration(), "subtitle-presets.md": _presets()}


def _configuration() -> str:
    return page(
        "Configuration",
        "A configuration file is [TOML](https://toml.io): a table for each stage, with its options as keys. What is "
        "not given keeps its default. Each value comes from the first of these that gives it:",
        "1. an option on the command line,\n"
        f"2. the file or the preset after `--config`; the presets are {choices(presets())},\n"
        f"3. the show's own file: the nearest `{SHOW_FILE}` in the transcript's folder or, in a Git repository, in a "
        "folder above it,\n"
        "4. the default.",
        "`cuemark align AUDIO TRANSCRIPT --show-config` prints every option in force and what set it. An unknown table "
        f"or key and a value of the wrong type are errors. A file has at most {LARGEST // 1024} KiB.",
        "A show's own file may be:",
        fenced(f'toml title="{SHOW_FILE}"', _SHOW_EXAMPLE),
        "Options marked * cannot be set in a show's own file, because such a file comes with the transcripts, perhaps "
        "from another person: they say where files are on your machine, or how much of it is used.",
        *_tables(),
    )


def _tables() -> Iterator[str]:
    for name, kind in get_type_hints(Config).items():
        yield f"## \\[{name}\\]"
        yield text((kind.__doc__ or "").partition("\n")[0])
        yield table(("key", "type", "default", "meaning"), [_row(name, kind, item) for item in fields(kind)])


def _row(name: str, kind: type[Any], item: Field[Any]) -> tuple[str, str, str, str]:
    for_a_show = name not in NOT_FOR_A_SHOW and f"{name}.{item.name}" not in NOT_FOR_A_SHOW
    default = "none" if item.default is None else code(json.dumps(item.default, ensure_ascii=False))
    only = choices_of(kind, item.name)
    return (
        code(item.name) + ("" if for_a_show else " \\*"),
        choices(map(json.dumps, only)) if only else _type(get_type_hints(kind)[item.name]),
        default,
        text(sentence(meaning(kind, item.name))),
    )


def _type(hint: Any) -> str:  # noqa: ANN401 -- any annotation
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return " or ".join(_TYPES[kind] for kind in kinds if kind is not NoneType)


def _presets() -> str:
    rows = [
        (
            code(name),
            " and ".join(forms),
            f"{limits.width} × {limits.count}",
            f"{limits.min_duration / 1000:g} to {limits.max_duration / 1000:g} s",
            f"{limits.gap / 1000:g} s",
            f"{limits.columns_per_second:g}",
        )
        for name, preset in PRESETS.items()
        for limits, forms in _by_limits(preset)
    ]
    return page(
        "Subtitle presets",
        "`--subtitles PRESET`, or `preset` in the table `[cues]` of a configuration file, sets subtitle limits.",
        table(("preset", "files", "columns × lines", "time shown", "gap", "columns a second"), rows),
        "A full-width letter counts as two columns. Where a language's own limits are smaller, those hold. "
        "`--max-line-width`, `--max-line-count` and the keys of [`[cues]`](configuration.md#cues) override them.",
    )


def _by_limits(preset: Mapping[FormatName, Limits]) -> list[tuple[Limits, list[str]]]:
    """Yield each of a preset's limits once, with the formats that have them."""
    together: dict[Limits, list[str]] = {}
    for form, limits in preset.items():
        together.setdefault(limits, []).append(form)
    return list(together.items())
