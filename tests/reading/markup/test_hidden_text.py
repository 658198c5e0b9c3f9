from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.reading.markup.hidden_text import HIDDEN, mask_hidden_text
from pipeline.reading.markup.whitespace import unify_white_space
from tests.strategies import sources


@pytest.mark.parametrize(
    ("source", "visible"),
    [
        ("\ufeffa", "a"),
        ("---\ntitle: x\n---\na", "\na"),
        ("a <!-- b --> c", "a  c"),
        ("a <!-- b\nc", "a \nc"),
        ("a <!-- b <!-- c -->", "a "),
        ("```\na\n```\nb", "\nb"),
        ("```\na", "\na"),
        ("`<!--` a", "`<!--` a"),
    ],
)
def test_only_what_is_not_rendered_is_hidden(source: str, visible: str) -> None:
    """Byte order mark, front matter, comments and fenced code are hidden; one that is not closed hides its line."""
    assert mask_hidden_text(source).text.replace(HIDDEN, "") == visible


@given(sources())
def test_offsets_are_those_of_the_source(source: str) -> None:
    """The masked text is the source, its white space unified, with some characters hidden; comments are in order."""
    masked = mask_hidden_text(source)
    unified = unify_white_space(source)

    assert masked.source == source
    assert len(masked.text) == len(source)
    assert all(shown in (typed, HIDDEN) for shown, typed in zip(masked.text, unified, strict=True))
    assert all(source.startswith("<!--", comment.start) for comment in masked.comments)
    assert list(masked.comments) == sorted(masked.comments)
