from __future__ import annotations

import pytest

from pipeline.batch.sources.manifest_rows import MAX_MANIFEST_BYTES, Row, normalize_key, read_rows
from pipeline.errors import ConfigError

KNOWN = ("audio", "transcript", "title")


def rows(content: str | bytes, name: str = "m.csv") -> list[Row]:
    """The rows of a manifest."""
    return list(read_rows(content.encode() if isinstance(content, str) else content, name, KNOWN))


def refusal(content: str | bytes, name: str = "m.csv") -> str:
    """The line with which a whole manifest is refused."""
    with pytest.raises(ConfigError) as caught:
        rows(content, name)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_write_it(delimiter: str) -> None:
    """Knows the delimiter by the first line, a mark before it, columns in any case, and cells with line ends."""
    text = '\ufeffAudio|Title\r\n"a\n1.mp3"|"x, y; z"\r\n\r\nb.mp3|\r\n'.replace("|", delimiter)

    assert rows(text) == [Row(2, {"audio": "a\n1.mp3", "title": "x, y; z"}), Row(5, {"audio": "b.mp3"})]


def test_csv_in_utf_16_is_read() -> None:
    """Reads what some spreadsheets call Unicode text."""
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
def test_a_csv_that_is_none_is_refused_as_a_whole(text: str, line: str) -> None:
    """Says where, and what is expected."""
    assert refusal(text) == line


def test_a_row_that_is_too_long_is_wrong_alone() -> None:
    """Reads the others."""
    assert [row.error for row in rows("audio\na.mp3,b.md\nc.mp3\n")] == [
        "has more cells than the first line names",
        None,
    ]


def test_what_is_not_utf_8_names_the_line() -> None:
    """Says where, because some spreadsheets still write Latin-1."""
    assert refusal(b"audio\na.mp3\n\xfc.mp3\n") == "m.csv, line 3: is not UTF-8; save it as UTF-8"


def test_a_manifest_of_any_size_is_not_read() -> None:
    """Refuses what is larger than any list of episodes."""
    assert "too large" in refusal(b" " * (MAX_MANIFEST_BYTES + 1))


def test_json_lines_have_their_types() -> None:
    """Reads an object a line, and says which line is none."""
    text = '{"Audio": "a.mp3", "length": 5, "title": null}\n\n[1]\n{"audio": "a.mp3"\n'
    first, *wrong = rows(text, "m.jsonl")

    assert first == Row(1, {"audio": "a.mp3", "length": 5}, typed=True)
    assert [row.line for row in wrong] == [3, 4]
    assert all((row.error or "").startswith("is not JSON with keys and values") for row in wrong)


def test_yaml_is_text_alone() -> None:
    """Reads a list of episodes, in which a number, a date and a "no" stay as they are written."""
    first = "# the show\n- audio: 07\n  title: no\n  transcript: ~\n"
    text = f"{first}- {{audio: 2026-01-05, tracks: {{Ann: ann.wav}}}}\n- audio: '~'\n"

    assert rows(text, "m.yaml") == [
        Row(2, {"audio": "07", "title": "no"}),
        Row(5, {"audio": "2026-01-05", "tracks": {"Ann": "ann.wav"}}),
        Row(6, {"audio": "~"}),
    ]
    assert rows("", "m.yml") == []


def test_yaml_that_is_no_episode_is_wrong_alone() -> None:
    """Says so of the row."""
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
def test_yaml_that_plays_tricks_is_refused(text: str, line: str) -> None:
    """Refuses what grows when it is read, and what is no list, before anything is made of it."""
    assert refusal(text, "m.yaml") == line


def test_yaml_makes_no_objects() -> None:
    """Takes a tag that would run a program for nothing but a text."""
    assert rows('- audio: !!python/object/apply:os.system ["true"]\n', "m.yaml") == [Row(1, {"audio": ()})]


def test_keys_are_known_in_any_hand() -> None:
    """Reads a flag's name, an option's and a spreadsheet's heading alike."""
    assert {normalize_key(key) for key in ("mark_uncertain", "mark-uncertain", " Mark Uncertain ")} == {
        "mark_uncertain"
    }
