from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.inline import render_inline, rendered_text
from pipeline.reading.markup.source_map import Rendered
from pipeline.schema import Chars
from tests.strategies import sources


def rendered(text: str) -> Rendered:
    """Return the whole text rendered as one range."""
    return render_inline(text, [Chars(0, len(text))], frozenset({"name"}))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** and __bold__, *so* and _so_, ~~gone~~", "bold and bold, so and so, gone"),
        ("snake_case_name, 2 * 3, f**k", "snake_case_name, 2 * 3, f**k"),
        ("[text](a_(b)), [text][name], [name], [other]", "text, text, name, [other]"),
        ("![a cat](x.png)!", "!"),
        ("`code **stays**` and `` a`b ``", "code **stays** and  a`b "),
        ("\\*star\\* &amp; &unknown; <b>tag</b>", "*star* & &unknown; tag"),
        ("***both*** and **half*", "both and *half"),
    ],
)
def test_markup_is_removed_as_a_renderer_removes_it(typed: str, shown: str) -> None:
    """Emphasis, links, images, code ticks, escapes, entities and tags are not part of the text."""
    assert rendered(typed).text == shown


def test_brackets_and_asides_are_editorial_and_code_is_literal() -> None:
    """Each character is flagged for an editor's brackets, whose marks are included, and for code."""
    result = rendered("a [b] `c`")

    assert result.text == "a [b] c"
    assert list(result.editorial) == [0, 0, 1, 1, 1, 0, 0]
    assert list(result.literal) == [0, 0, 0, 0, 0, 0, 1]


@given(st.text(st.sampled_from("a !?[]()\n"), max_size=12))
def test_brackets_that_are_no_link_are_shown_and_editorial(typed: str) -> None:
    """Brackets alone are found without the scanner, as they are with it beside other markup."""
    alone, beside = (render_inline(text, [Chars(0, len(text))]) for text in (typed, f"{typed} &amp;"))
    shown = len(beside.text) - len(" &")

    assert (alone.text, alone.editorial) == (beside.text[:shown], beside.editorial[:shown])
    assert [alone.place(at, at + 1) for at in range(shown)] == [beside.place(at, at + 1) for at in range(shown)]


@given(sources())
def test_every_character_has_its_place_in_the_source(source: str) -> None:
    """The places are in order, within the source, and one for each character; so are those of longer ranges."""
    text = mask_hidden_text(source).text
    result = rendered(text)
    places = [result.place(at, at + 1) for at in range(len(result.text))]

    assert len(result.text) == len(result.editorial) == len(result.literal)
    assert [place.start for place in places] == sorted(place.start for place in places)
    assert all(0 <= place.start < place.end <= len(text) for place in places)
    assert all(
        result.place(start, end) == Chars(places[start].start, places[end - 1].end)
        for start in range(0, len(places), 3)
        for end in range(start + 1, len(places) + 1, 5)
    )
    assert rendered_text(text, [Chars(0, len(text))]) == " ".join(result.text.split())
