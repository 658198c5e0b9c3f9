"""A whole document for an episode that is not typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.drafting.draft_turns import DraftOptions, draft
from pipeline.matching.drafting.topics import Topic
from pipeline.reading.structure.document_frame import DocumentFrame
from pipeline.reading.transcript import parse
from pipeline.writing.new_document import ShowStyle, render_beginning, render_new_document, show_style
from tests.factories import heard
from tests.partial_results import aligned, heard_texts, voices
from tests.writing.test_finished import LAYOUTS, SENTENCE, spoken_by, turn_of

NAMES = ("Ann Lee", "Bo Ek")
TURNS = draft(
    aligned("", heard("So we are here again. And I am here too. Then let us begin with it.")),
    voices(("Ann Lee", 1_500), ("Bo Ek", 3_000), ("Ann Lee", 9_000)),
    DraftOptions(),
)


def test_the_default_document() -> None:
    """Without a sample the document has the default form."""
    parts = (Topic("Introduction", 0), Topic("The Doorbell", 2))

    assert render_new_document(TURNS, "8: A Show", NAMES, parts, ShowStyle(), times=True) == (
        "8: A Show\n===\n\nPanel:\n\n* Ann Lee\n* Bo Ek\n\nTable Of Contents:\n\n1. [Introduction](#introduction)\n"
        "2. [The Doorbell](#the-doorbell)\n\n<!-- Drafted by cuemark from 0:00 -->\n\n## Introduction\n\n"
        "0:00 - **Ann Lee**: So we are here again.\n\n0:01 - **Bo Ek**: And I am here too.\n\n## The Doorbell\n\n"
        "0:03 - **Ann Lee**: Then let us begin with it.\n"
    )


def test_a_draft_of_an_incomplete_download_ends_with_a_note() -> None:
    """So that somebody goes on where the sound stops."""
    parts = (Topic("Introduction", 0),)

    document = render_new_document(TURNS, "8: A Show", NAMES, parts, ShowStyle(), times=True, continue_at=9_400)

    assert document.endswith("**Ann Lee**: Then let us begin with it.\n\n<!-- Continue at 0:09! -->\n")
    assert [note.at for note in parse(document).notes] == [9_000]


def test_the_style_of_the_sample() -> None:
    """With a sample the document has its frame, labels and line endings, and no parts that it lacks."""
    sample = "# Our Show\r\n\r\n## Cast\r\n\r\n- Cy\r\n\r\n### Start\r\n\r\nCy: hi\r\n\r\nCy: ho\r\n"
    style = show_style(parse(sample))

    assert style.frame == DocumentFrame("# ", "## Cast", "- ", None, "1. ", "### ")
    assert render_new_document(TURNS, "Two", NAMES, (Topic("Start", 0),), style, times=False) == (
        "# Two\r\n\r\n## Cast\r\n\r\n- Ann Lee\r\n- Bo Ek\r\n\r\n<!-- Drafted by cuemark from 0:00 -->\r\n\r\n"
        "### Start\r\n\r\nAnn Lee: So we are here again.\r\n\r\nBo Ek: And I am here too.\r\n\r\n"
        "Ann Lee: Then let us begin with it.\r\n"
    )


def test_a_beginning_has_title_and_note() -> None:
    """A document in which nothing is typed has the title of the sample's form and a note, and is read so."""
    style = show_style(parse("# Our Show\r\n\r\n00:01 - **Ann**: hi\r\n\r\n00:05 - **Bo**: ho\r\n"))

    assert render_beginning("8: A *", ShowStyle()) == "8: A \\*\n===\n\n<!-- Continue at 0:00! -->\n"
    assert render_beginning("Two", style) == "# Two\r\n\r\n<!-- Continue at 00:00! -->\r\n"
    read = parse(render_beginning("8: A *", ShowStyle()))
    assert (read.title, [note.at for note in read.notes], read.words) == ("8: A *", [0], ())


@given(layout=st.sampled_from(LAYOUTS), texts=heard_texts(), title=heard_texts())
def test_any_document_is_read_again(layout: str, texts: list[str], title: list[str]) -> None:
    """Whatever was heard, in any layout, the document is read as its panel, its sections and its turns."""
    result = aligned("", heard(" ".join([SENTENCE, *texts])))
    turns = draft(result, voices(("Ann Lee", 3_000), ("Bo Ek", 6_000), (None, 9_000)), DraftOptions())
    style = show_style(parse(layout.format(a=SENTENCE, b=SENTENCE)))
    document = render_new_document(
        turns, " ".join(["A", *title]), NAMES, (Topic("Introduction", 0),), style, times=False
    )
    again = parse(document)

    assert again.panel == (NAMES if style.frame.panel else ())
    assert [section.title for section in again.sections] == ["Introduction"]
    assert [spoken_by(again, one) for one in again.utterances] == list(map(turn_of, turns))
