from __future__ import annotations

from pipeline.reading.structure.draft_comments import END_OF_DRAFT, draft_comment, find_draft_comments
from pipeline.reading.transcript import parse
from pipeline.times import ClockStyle


def test_the_comment_above_a_draft_is_found_and_is_no_note() -> None:
    """The comment above a draft is recognised by its words; neither it nor the one below is a note or speech."""
    comment = draft_comment(571_900, ClockStyle())
    source = f"**Ann**: hi\n\n{comment}\n\n**Bo**: ho\n\n{END_OF_DRAFT}\n"

    assert [source[chars.start : chars.end] for chars in find_draft_comments(source)] == [comment]
    assert (parse(source).notes, len(parse(source).words), len(parse(source).utterances)) == ((), 2, 2)
