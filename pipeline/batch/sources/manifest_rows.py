"""Read the rows of a manifest in CSV, YAML or JSON Lines, without interpreting them.

A manifest is untrusted: YAML creates no objects and resolves no references here, and every value stays text until its
key is known. (``no`` may be a language, and ``07`` a name.)
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

import msgspec
import yaml

from pipeline.errors import ConfigError
from pipeline.settings.config import nearest_hint

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
           "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
"""The starts of a cell that a spreadsheet computes as a formula."""

MAX_MANIFEST_BYTES = 32 << 20
"""Bytes. A manifest of a hundred thousand episodes has half of it."""

SUFFIXES = {".csv": "csv", ".tsv": "csv", ".yaml": "yaml", ".yml": "yaml", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""The format of a manifest by its suffix."""

_MAX_DEPTH = 8
_SAVE = "save it as UTF-8"
_EMPTY_YAML = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a manifest.

    Attributes:
        line: its number in the file, from 1.
        cells: its values by key.
        typed: whether the values have their types already; else they are text.
        error: what is wrong with the row; None if it is valid.
    """

    line: int
    cells: Mapping[str, object]
    typed: bool = False
    error: str | None = None


def read_rows(content: bytes, name: str, known: Collection[str]) -> Iterator[Row]:
    """Read the rows of a manifest; the suffix of ``name`` gives its format.

    Args:
        known: the known keys; a column of CSV must be one of them.

    Raises:
        ConfigError: it is too large, not text, or not valid in its format.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise ConfigError(name, f"is too large for a manifest (more than {MAX_MANIFEST_BYTES >> 20} MB)")
    text = _decode(content, name)
    return _READERS[SUFFIXES[PurePath(name).suffix.casefold()]](text, name, known)


def normalize_key(key: str) -> str:
    """Normalize a key as people write it: ``Mark-Uncertain`` becomes ``mark_uncertain``."""
    return key.strip().casefold().replace("-", "_").replace(" ", "_")


def escape_formula(cell: str) -> str:
    """Return a cell of CSV that no spreadsheet computes: a possible formula gets an apostrophe before it.

    >>> escape_formula("=1+1"), escape_formula("1+1"), unescape_formula(escape_formula("'=1"))
    ("'=1+1", '1+1', "'=1")
    """
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def unescape_formula(cell: str) -> str:
    """Return the cell without the apostrophe of ``escape_formula``."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def _decode(content: bytes, name: str) -> str:
    is_utf_16 = content.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    )  # some spreadsheets call this "Unicode text"
    try:
        return content.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        raise ConfigError(f"{name}, line {line}", f"is not UTF-8; {_SAVE}") from e


# --- CSV ---------------------------------------------------------------------------------------------------------


def _csv_rows(text: str, name: str, known: Collection[str]) -> Iterator[Row]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # in locales with a decimal comma, spreadsheets write semicolons
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    lines = _numbered(reader, name)
    _, header = next(lines, (1, []))
    keys = [normalize_key(cell) for cell in header]
    counts, known_keys = Counter(filter(None, keys)), frozenset(known)
    if "audio" not in counts:
        raise ConfigError(f"{name}, line 1", "the first line of a manifest names its columns, and one of them is audio")
    if unknown := next((key for key in counts if key not in known_keys), None):
        raise ConfigError(f"{name}, line 1", f"there is no column {unknown[:60]}{nearest_hint(unknown, known)}")
    if repeated := next((key for key, count in counts.items() if count > 1), None):
        raise ConfigError(f"{name}, line 1", f"there are two columns {repeated}")
    for line, cells in lines:
        cells_by_key = {key: unescape_formula(cell) for key, cell in zip(keys, cells, strict=False) if cell}
        if "" in cells_by_key or any(cells[len(keys) :]):
            yield Row(line, cells_by_key, error="has more cells than the first line names")
        elif cells_by_key:
            yield Row(line, cells_by_key)


def _numbered(reader: Iterable[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    """Return each row of a CSV reader with the number of its first line."""
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num  # type: ignore[attr-defined] # the type of a CSV reader is private
    except csv.Error as e:
        raise ConfigError(f"{name}, line {before + 1}", f"is not CSV ({e})") from e


# --- JSON Lines --------------------------------------------------------------------------------------------------


def _json_rows(text: str, name: str, known: Collection[str]) -> Iterator[Row]:  # noqa: ARG001 -- the signature of all readers
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.DecodeError, RecursionError) as e:
            yield Row(number, {}, error=f"is not JSON with keys and values ({e})")
        else:
            cells_by_key = {normalize_key(key): value for key, value in values.items() if value is not None}
            yield Row(number, cells_by_key, typed=True)


# --- YAML --------------------------------------------------------------------------------------------------------


def _yaml_rows(text: str, name: str, known: Collection[str]) -> Iterator[Row]:  # noqa: ARG001 -- the signature of all readers
    try:
        _refuse_unsafe(text, name)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise ConfigError(f"{name}, line {line}", f"is not YAML ({e.problem})") from e
    except yaml.YAMLError as e:  # a character that YAML does not allow
        raise ConfigError(name, f"is not YAML ({str(e).partition(chr(10))[0]})") from e
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise ConfigError(name, "a manifest in YAML is a list, each episode of which begins with a dash and audio:")
    for node in root.value:
        yield _yaml_row(node)


def _refuse_unsafe(text: str, name: str) -> None:
    """Refuse references, which can expand exponentially, and deep nesting, before the document is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _MAX_DEPTH:
            what = "a reference to another place" if depth <= _MAX_DEPTH else "a value nested deeply"
            raise ConfigError(f"{name}, line {_line(event)}", f"{what}; a manifest has plain values only")


def _yaml_row(node: yaml.Node) -> Row:
    line = _line(node)
    if not isinstance(node, yaml.MappingNode):
        return Row(line, {}, error="is no episode, which has keys and values, such as audio: 07.mp3")
    cells_by_key = {normalize_key(str(key.value)): _yaml_value(value) for key, value in node.value}
    if len(cells_by_key) < len(node.value):
        return Row(line, cells_by_key, error="has a key twice")
    return Row(line, {key: value for key, value in cells_by_key.items() if value is not None})


def _yaml_value(node: yaml.Node) -> object:
    """Return a text, a mapping of texts, or None for an empty value."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): str(value.value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return ()
    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return None if plain and node.value in _EMPTY_YAML else node.value


def _line(of: yaml.Node | yaml.Event) -> int:
    return of.start_mark.line + 1 if of.start_mark else 1


_READERS = {"csv": _csv_rows, "jsonl": _json_rows, "yaml": _yaml_rows}
