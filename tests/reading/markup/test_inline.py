from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.inline import Rendered, render_inline, rendered_text
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


@given(sources())
def test_every_character_has_its_place_in_the_source(source: str) -> None:
    """The places are in order, within the source, and one for each character."""
    text = mask_hidden_text(source).text
    result = rendered(text)

    assert len(result.text) == len(result.starts) == len(result.ends) == len(result.editorial) == len(result.literal)
    assert list(result.starts) == sorted(result.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(result.starts, result.ends, strict=True))
    assert rendered_text(text, [Chars(0, len(text))]) == " ".join(result.text.split())
