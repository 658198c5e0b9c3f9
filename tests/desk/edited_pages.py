"""Page texts and changes of them, drawn at random, and what CodeMirror would make of them."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.desk.changes import ChangeSet, count_units, replace_ranges
from pipeline.desk.edited_document import page_form

PIECES = (
    "a", "bc", " ", "\n", "\r\n", "\r", "\n\n", "\r\r", "\n\r", "😀", "𝒳y", "\ufeff", "\u2028", "é", "שלום",
    "**Ann**: ",
)  # fmt: skip


def apply_to_page(text: str, changes: ChangeSet) -> str:
    """The text after a change, computed on UTF-16 as a browser does."""
    encoded, done, pieces = text.encode("utf-16-le"), 0, list[bytes]()
    for start, end, new in changes.replacements():
        pieces += (encoded[2 * done : 2 * start], new.encode("utf-16-le"))
        done = end
    return b"".join((*pieces, encoded[2 * done :])).decode("utf-16-le")


def sources() -> st.SearchStrategy[str]:
    """Draw texts with every kind of line ending, marks and characters beyond the BMP."""
    return st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def inserted_texts() -> st.SearchStrategy[str]:
    """Draw what is typed or pasted, as CodeMirror has it."""
    return st.lists(st.sampled_from(PIECES), max_size=3).map("".join).map(page_form)


@st.composite
def changes_of(draw: st.DrawFn, text: str) -> ChangeSet:
    """Draw a change of a page text, with several replaced ranges."""
    places = [count_units(text[:at]) for at in range(len(text) + 1)]
    chosen = sorted(draw(st.lists(st.sampled_from(places), max_size=6)))
    ranges = zip(chosen[::2], chosen[1::2], strict=False)
    return replace_ranges(places[-1], [(start, end, draw(inserted_texts())) for start, end in ranges])


@st.composite
def change_pairs(draw: st.DrawFn) -> tuple[str, ChangeSet, ChangeSet]:
    """Draw a page text, a change of it, and a change of what that gives."""
    text = page_form(draw(sources()))
    first = draw(changes_of(text))
    return text, first, draw(changes_of(apply_to_page(text, first)))
