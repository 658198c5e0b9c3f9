"""The edited document: the page and the file agree, and lines that nobody touched keep their bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.changes import ChangeError, ChangeSet, compose, count_units, parse_changes
from pipeline.desk.edited_document import open_document, page_form
from pipeline.reading.edits import apply
from pipeline.schema import Chars, Edit
from tests.desk.edited_pages import apply_to_page, changes_of, sources


@st.composite
def edited_sources(draw: st.DrawFn) -> tuple[str, ChangeSet]:
    """Draw a source and a change of its page text."""
    source = draw(sources())
    return source, draw(changes_of(open_document(source).page_text))


@given(edited_sources())
def test_page_and_file_agree(drawn: tuple[str, ChangeSet]) -> None:
    """After each change, the page text of the source is what the page has."""
    source, changes = drawn
    document = open_document(source)

    changed = document.apply(changes)

    assert changed.page_text == apply_to_page(document.page_text, changes)
    assert changed.version == 1


@given(st.data(), sources())
def test_page_and_file_agree_after_many_changes(data: st.DataObject, source: str) -> None:
    """They also agree after many changes, and the composition of all gives the same page text."""
    document = open_document(source)
    whole: ChangeSet | None = None
    for _ in range(4):
        changes = data.draw(changes_of(document.page_text))
        document = document.apply(changes)
        whole = compose(whole, changes) if whole else changes

    assert whole is not None
    assert document.page_text == apply_to_page(open_document(source).page_text, whole)


@given(edited_sources())
def test_untouched_lines_keep_their_bytes(drawn: tuple[str, ChangeSet]) -> None:
    """A line to which no change comes near has its text and its line ending afterwards, in order."""
    source, changes = drawn
    document = open_document(source)
    lines = _lines(source)
    touched = set[int]()
    for start, end, _ in changes.replacements():
        touched.update(n for n, (first, last, _) in enumerate(lines) if first <= end and start <= last)

    after = [text for _, _, text in _lines(document.apply(changes).source)]

    kept = [text for n, (_, _, text) in enumerate(lines) if n not in touched]
    assert _is_subsequence(kept, after)


def _lines(source: str) -> list[tuple[int, int, str]]:
    """The lines of a source: start and end on the page, without the line break, and the bytes with it."""
    document = open_document(source)
    lines, page, at = list[tuple[int, int, str]](), 0, int(document.has_mark)
    for line in document.page_text.split("\n"):
        end = page + count_units(line)
        below = document.places.in_source(end + 1) if end < document.places.units else len(source)
        lines.append((page, end, source[at:below]))
        page, at = end + 1, below
    return lines


def _is_subsequence(few: list[str], many: list[str]) -> bool:
    rest = iter(many)
    return all(any(one == other for other in rest) for one in few)


@given(sources())
def test_offsets_map_there_and_back(source: str) -> None:
    """Each place on the page has one in the source, in order, and back; those inside surrogate pairs have none."""
    document = open_document(source)
    places = document.places
    assert places.units == count_units(document.page_text)
    encoded = document.page_text.encode("utf-16-le")
    for at in range(places.units + 1):
        try:
            encoded[: 2 * at].decode("utf-16-le")
        except UnicodeDecodeError:
            with pytest.raises(ChangeError, match="surrogate"):
                places.in_source(at)
            continue
        assert places.on_page(places.in_source(at)) == at
        assert page_form(source[document.has_mark : places.in_source(at)]) == encoded[: 2 * at].decode("utf-16-le")


@given(st.data(), sources(), st.sampled_from(("\n", "\r\n", "\r")))
def test_edits_are_changes_of_the_page(data: st.DataObject, mixed: str, ending: str) -> None:
    """Edits of a source, sent to the page as a change set, give the page the text that they give."""
    source = page_form(mixed).replace("\n", ending)
    document = open_document(source)
    edits = document.edits(data.draw(changes_of(document.page_text)))

    sent = document.change_set(reversed(edits))

    assert apply_to_page(document.page_text, sent) == page_form(apply(source, edits)[document.has_mark :])
    assert document.apply(sent).source == apply(source, edits)


JOINED = (
    ("a\rX\nb", [2, [1], 2], "a\r\r\nb"),
    ("a\rb", [2, [0, "", ""], 1], "a\r\rb"),
    ("a\nc\nd\rb", [6, [0, "", ""], 1], "a\nc\nd\r\r\nb"),
    ("a\rc\rd\nb", [5, [0, "", ""], 2], "a\rc\rd\r\r\nb"),
    ("a\r\nb\r\nc", [1, [1], 3], "ab\r\nc"),
    ("\ufeffa\r\nb", [[0, "", ""], 3], "\ufeff\r\na\r\nb"),
    ("a😀\rb", [3, [0, "x"], 2], "a😀x\rb"),
)
"""A source, a change of its page text, and the source afterwards."""


@pytest.mark.parametrize(("source", "written", "expected"), JOINED, ids=range(len(JOINED)))
def test_line_endings(source: str, written: list[object], expected: str) -> None:
    """New line breaks are the file's own, and a CR and an LF that come to meet do not become one line break."""
    assert open_document(source).apply(parse_changes(written)).source == expected


@pytest.mark.parametrize(
    ("source", "written"),
    [("abc", [2]), ("a😀", [2, [1]]), ("a😀", [2, [0, "x"], 1])],
    ids=("length", "half", "inside"),
)
def test_changes_that_do_not_fit(source: str, written: list[object]) -> None:
    """A change of another text, or one that cuts a surrogate pair, is refused."""
    with pytest.raises(ChangeError):
        open_document(source).apply(parse_changes(written))


def test_places_beyond_the_text() -> None:
    """A place beyond the end is refused, and one between CR and LF is before the line break."""
    places = open_document("a\r\nb").places

    assert [places.on_page(at) for at in range(5)] == [0, 1, 1, 2, 3]
    with pytest.raises(ChangeError, match="outside"):
        places.in_source(4)


def test_a_mark_that_is_typed_stays_on_the_page() -> None:
    """A byte order mark that comes to the start by an edit is text, as it is on the page."""
    document = open_document("a\ufeffb").apply(parse_changes([[1], 2]))

    assert document.page_text == "\ufeffb"
    assert document.change_set([Edit(Chars(0, 1), "")]).to_json() == [[1], 1]
