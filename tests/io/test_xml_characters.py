"""The characters that no XML can have are those that a parser refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.io.xml_characters import NOT_IN_XML


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ud800", "\uffff", "\t", "\x7f", "\ue000"])
def test_the_edges(character: str) -> None:
    """The first and the last of each range, and their neighbours."""
    assert (NOT_IN_XML.search(character) is None) == _is_read(character)


@given(st.characters())
def test_a_parser_agrees(character: str) -> None:
    """Any character is read in a document, or it is one of them."""
    assert (NOT_IN_XML.search(character) is None) == _is_read(character)


def _is_read(character: str) -> bool:
    try:
        etree.fromstring(f"<a>&#{ord(character)};</a>")
    except etree.XMLSyntaxError:
        return False
    return True
