from __future__ import annotations

import json

from hypothesis import given
from lxml import html

from pipeline.writing.exports.otranscribe import render_otr
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn
from tests.writing.exports.turn_samples import hostile_turns, turn

KEPT = {"p": set(), "b": set(), "span": {"class", "data-timestamp", "contenteditable"}}
"""The elements and attributes that oTranscribe does not remove when it reads a document (``clean-html.js``)."""


def paragraphs(text: str) -> list[html.HtmlElement]:
    """The paragraphs of a document's text, as an HTML parser has them."""
    page = html.fragment_fromstring(json.loads(text)["text"], create_parent="div")
    for element in page.iterdescendants():
        assert set(element.attrib) <= KEPT[element.tag]
    assert page.text is None
    return list(page)


def test_each_turn_has_a_time_to_click_on() -> None:
    """A time stamp has seconds; the name is bold, and the audio is named."""
    made = render_otr([turn("Ann <Lee>", "yes & no", 3_661_250), turn(None, "<b>no</b>", 5_000)], "one two.mp3")
    document = json.loads(made)

    assert {name: value for name, value in document.items() if name != "text"} == {
        "media": "one two.mp3",
        "media-source": "",
        "media-time": 0,
    }
    first, second = paragraphs(made)
    assert first.text_content() == "1:01:01\xa0Ann <Lee>: yes & no"
    assert [(one.get("data-timestamp"), one.get("class")) for one in first.iter("span")] == [("3661.25", "timestamp")]
    assert [one.text for one in first.iter("b")] == ["Ann <Lee>: "]
    assert second.text_content() == "0:00:05\xa0<b>no</b>"


@given(hostile_turns())
def test_whatever_was_typed_is_text(turns: tuple[ShownTurn, ...]) -> None:
    """Nothing that was typed becomes an element, and each turn is one paragraph."""
    found = [one.text_content().partition("\xa0")[2] for one in paragraphs(render_otr(turns, "a.mp3"))]

    assert found == [(f"{one.speaker}: " if one.speaker else "") + line_text(one.words) for one in turns]
