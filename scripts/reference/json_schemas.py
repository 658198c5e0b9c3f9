"""The pages of the JSON documents, from their published JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from scripts.reference.markdown import code, page, sentence, table, text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "pipeline" / "writing"
COMMAND_OUTPUT = ROOT / "pipeline" / "console" / "command_output.schema.json"
"""The schema of what all other commands print with ``--json``."""

Schema: TypeAlias = Mapping[str, Any]

_NUMBERS = {"number", "integer"}
_HEADINGS = {"utterance": "An utterance", "word": "A word", "finding": "A finding", "person": "A person"}
"""Parts of the schema that get a table of their own, and its heading."""


def pages() -> dict[str, str]:
    """Return the pages by their paths below docs/reference."""
    return {
        "alignment-json.md": _page(
            "JSON of a result",
            "alignment.schema.json",
            "`cuemark align`, `finish` and `draft` write it as `<audio's name>.json`, or print it with `--json`.",
            "The fields that only one kind of finding has are with the [kinds of findings](findings.md).",
        ),
        "marker-json.md": _page(
            "JSON of marker",
            "marker.schema.json",
            "`cuemark marker --json` prints it.",
            "See also [`cuemark marker`](commands/marker.md).",
        ),
        "command-json.md": _command_output_page(),
    }


def read(name: str, folder: Path = FOLDER) -> Schema:
    """Return a published schema."""
    schema: Schema = json.loads((folder / name).read_text(encoding="utf-8"))
    return schema


def _page(title: str, name: str, where: str, last: str) -> str:
    schema = read(name)
    about = f"{schema['description'][:1].lower()}{schema['description'][1:]}"
    parts = [f"{code(schema['title'])}: {about} {where}"]
    parts.append(
        f"Its JSON Schema is `pipeline/writing/{name}`, a part of the package. Every field is always there unless the "
        "table says that it is optional."
    )
    parts += ["## The document", _fields(schema, schema)]
    for one in (name for name in _HEADINGS if name in schema.get("$defs", {})):
        definition = schema["$defs"][one]
        parts += [f"## {_HEADINGS[one]}", text(sentence(definition["description"])), _fields(definition, schema)]
    return page(title, *parts, last)


def _command_output_page() -> str:
    schema = read(COMMAND_OUTPUT.name, COMMAND_OUTPUT.parent)
    documents = [schema["$defs"][one["$ref"].removeprefix("#/$defs/")] for one in schema["oneOf"]]
    lead = "`--json` makes the other commands print one of these documents. Every field is always there, and fields may"
    path = COMMAND_OUTPUT.relative_to(ROOT).as_posix()
    parts = [f"{lead} be added within version 1. Their JSON Schema is `{path}`, a part of the package."]
    for one in documents:
        own = {key: value for key, value in one.items() if key != "$ref"}  # a person's fields are below
        parts += [f"## {one['title']}", text(one["description"]), _fields(own, schema)]
    person = schema["$defs"]["person"]
    return page(
        "JSON of the other commands",
        *parts,
        f"## {_HEADINGS['person']}",
        text(person["description"]),
        _fields(person, schema),
    )


def _fields(part: Schema, root: Schema) -> str:
    return table(("field", "type", "meaning"), _rows(part, root, ""))


def _rows(part: Schema, root: Schema, above: str) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each field, and for the fields below it that have no table of their own."""
    base = resolved(part, root)
    for name, field in base["properties"].items():
        whole = resolved(field, root)
        optional = "" if name in base.get("required", ()) else " Optional."
        yield code(above + name), _type(field, root), text(sentence(whole.get("description", ""))) + optional
        items = resolved(whole.get("items", {}), root)
        if "$ref" in field or "$ref" in whole.get("items", {}):
            continue
        if "properties" in whole:
            yield from _rows(whole, root, f"{above}{name}.")
        elif "properties" in items:
            yield from _rows(items, root, f"{above}{name}[].")


def resolved(part: Schema, root: Schema) -> dict[str, Any]:
    """Return a part of a schema with what it refers to; the part's own words count, its properties come after those."""
    reference = part.get("$ref", "").removeprefix("#/$defs/")
    below = resolved(root["$defs"][reference], root) if reference else {}
    together = {**below, **part}
    for key in ("required", "properties"):
        if key in below and key in part:
            together[key] = {**below[key], **part[key]} if key == "properties" else [*below[key], *part[key]]
    return together


def _type(field: Schema, root: Schema) -> str:
    whole = resolved(field, root)
    if "const" in whole:
        return code(json.dumps(whole["const"]))
    if "enum" in whole:
        return " ".join(code(json.dumps(value)) for value in whole["enum"])
    name = field.get("$ref", "").removeprefix("#/$defs/")
    if name in _HEADINGS:
        return f"[{name}](#{_anchor(name)})"
    if whole["type"] == "array":
        items = whole["items"]
        return f"array of {_type(items, root)}"
    kinds = [whole["type"]] if isinstance(whole["type"], str) else whole["type"]
    return " or ".join(kind + (_limits(whole) if kind in _NUMBERS else "") for kind in kinds)


def _limits(whole: Schema) -> str:
    if "minimum" in whole and "maximum" in whole:
        return f" from {whole['minimum']} to {whole['maximum']}"
    return f" from {whole['minimum']}" if "minimum" in whole else ""


def _anchor(name: str) -> str:
    return _HEADINGS[name].lower().replace(" ", "-")
