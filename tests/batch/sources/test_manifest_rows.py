from __future__ import annotations

import pytest

from pipeline.batch.sources.manifest_rows import MAX_MANIFEST_BYTES, Row, normalize_key, read_rows
from pipeline.errors import ConfigError

KNOWN = ("audio", "transcript", "title")


def rows(content: str | bytes, name: str = "m.csv") -> list[Row]:
    """Return the rows of a manifest."""
    return list(read_rows(content.encode() if isinstance(content, str) else content, name, KNOWN))


def refusal(content: str | bytes, name: str = "m.csv") -> str:
    """Return the error message of a whole manifest."""
    with pytest.raises(ConfigError) as caught:
        rows(content, name)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_write_it(delimiter: str) -> None:
    """The first line gives the delimiter; a byte order mark, columns in any case and multi-line cells are accepted."""
    text = '\ufeffAudio|Title\r\n"a\n1.mp3"|"x, y; z"\r\n\r\nb.mp3|\r\n'.replace("|", delimiter)

    assert rows(text) == [Row(2, {"audio": "a\n1.mp3", "title": "x, y; z"}), Row(5, {"audio": "b.mp3"})]


def test_csv_in_utf_16_is_read() -> None:
    """CSV in UTF-16, which some spreadsheets call Unicode text, is read."""
    assert rows("audio\ttitle\nü.mp3\tTea\n".encode("utf-16")) == [Row(2, {"audio": "ü.mp3", "title": "Tea"})]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "m.csv, line 1: the first line of a manifest names its columns, and one of them is audio"),
        ("a.mp3,a.md\n", "m.csv, line 1: the first line of a manifest names its columns, and one of them is audio"),
        ("audio,transkript\n", "m.csv, line 1: there is no column transkript; do you mean transcript?"),
        ("audio,title,Title\n", "m.csv, line 1: there are two columns title"),
        ('audio\na.mp3\n"b.mp3\n', "m.csv, line 3: is not CSV (unexpected end of data)"),
    ],
)
def test_invalid_csv_is_rejected_as_a_whole(text: str, line: str) -> None:
    """The error has the line and what is expected."""
    assert refusal(text) == line


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("title,", "there are two columns title"),
        ("titel,", "there is no column titel; do you mean title?"),
        (",", None),
        ("{}x,", "there is no column 0x"),
    ],
)
def test_a_long_header_is_read_in_linear_time(cells: str, reason: str | None) -> None:
    """A million columns: to compare each with all others, or to suggest a name for each, would take hours."""
    text = "audio," + "".join(cells.format(number) for number in range(1_000_000)) + "\na.mp3\n"

    if reason is None:
        assert rows(text) == [Row(2, {"audio": "a.mp3"})]
    else:
        assert refusal(text).startswith(f"m.csv, line 1: {reason}")


def test_a_row_with_too_many_cells_is_invalid_alone() -> None:
    """The other rows are valid."""
    assert [row.error for row in rows("audio\na.mp3,b.md\nc.mp3\n")] == [
        "has more cells than the first line names",
        None,
    ]


def test_the_error_of_another_encoding_has_the_line() -> None:
    """The error has the line of the first invalid byte, because some spreadsheets still write Latin-1."""
    assert refusal(b"audio\na.mp3\n\xfc.mp3\n") == "m.csv, line 3: is not UTF-8; save it as UTF-8"


def test_a_large_manifest_is_rejected() -> None:
    """A file above the limit is rejected before it is parsed."""
    assert "too large" in refusal(b" " * (MAX_MANIFEST_BYTES + 1))


def test_json_lines_keep_their_types() -> None:
    """Each line is an object, and other lines are invalid rows with their number."""
    text = '{"Audio": "a.mp3", "length": 5, "title": null}\n\n[1]\n{"audio": "a.mp3"\n'
    first, *wrong = rows(text, "m.jsonl")

    assert first == Row(1, {"audio": "a.mp3", "length": 5}, typed=True)
    assert [row.line for row in wrong] == [3, 4]
    assert all((row.error or "").startswith("is not JSON with keys and values") for row in wrong)


def test_yaml_values_stay_text() -> None:
    """A number, a date and a "no" stay as they are written."""
    first = "# the show\n- audio: 07\n  title: no\n  transcript: ~\n"
    text = f"{first}- {{audio: 2026-01-05, tracks: {{Ann: ann.wav}}}}\n- audio: '~'\n"

    assert rows(text, "m.yaml") == [
        Row(2, {"audio": "07", "title": "no"}),
        Row(5, {"audio": "2026-01-05", "tracks": {"Ann": "ann.wav"}}),
        Row(6, {"audio": "~"}),
    ]
    assert rows("", "m.yml") == []


def test_an_invalid_yaml_item_is_invalid_alone() -> None:
    """Only the row of the item has an error."""
    assert [row.error for row in rows("- 7\n- audio: a\n- audio: a\n  audio: b\n", "m.yaml")] == [
        "is no episode, which has keys and values, such as audio: 07.mp3",
        None,
        "has a key twice",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- &a [x]\n- *a\n", "m.yaml, line 2: a reference to another place; a manifest has plain values only"),
        ("[" * 100_000, "m.yaml, line 1: a value nested deeply; a manifest has plain values only"),
        ("- audio: [\n", "m.yaml, line 2: is not YAML (did not find expected node content)"),
        ("audio: a.mp3\n", "m.yaml: a manifest in YAML is a list, each episode of which begins with a dash and audio:"),
        ("- audio: a\n--- \n- audio: b\n", "m.yaml, line 2: is not YAML (but found another document)"),
    ],
)
def test_unsafe_yaml_is_rejected(text: str, line: str) -> None:
    """References, deep nesting and documents that are not a list are rejected before the document is built."""
    assert refusal(text, "m.yaml") == line


def test_yaml_creates_no_objects() -> None:
    """A tag that would run a program in another loader has no effect."""
    assert rows('- audio: !!python/object/apply:os.system ["true"]\n', "m.yaml") == [Row(1, {"audio": ()})]


def test_keys_are_normalized() -> None:
    """A flag's name, an option's name and a spreadsheet's heading are the same key."""
    assert {normalize_key(key) for key in ("mark_uncertain", "mark-uncertain", " Mark Uncertain ")} == {
        "mark_uncertain"
    }
