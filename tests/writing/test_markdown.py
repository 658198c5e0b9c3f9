from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.edits import apply, undo
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Result
from pipeline.writing.markdown import MarkdownOptions, render_markdown, timed_edits
from tests.factories import result
from tests.writing.strategies import results

SHOW = """\
    7: A Small Show
    ===

    Panel:

    * Ann Lee
    * Bo Chan

    ## Introduction

    **Ann Lee**: Hello and welcome to the
     small show.

    We are two today.

    **Bo Chan**: Good morning, everybody.

    ## News

    **Ann Lee**: There is nothing new.

    <!-- Continue at 0:03! -->
    """


def timed(source: str, made: Result, options: MarkdownOptions | None = None) -> list[tuple[str, str]]:
    """Return the lines that differ, before and after, for a change that adds and removes no line."""
    before, after = dedent(source).splitlines(), render_markdown(made, options or MarkdownOptions()).splitlines()
    return [(old, new) for old, new in zip(before, after, strict=True) if old != new]


def test_times_precede_labels_and_the_note_is_moved() -> None:
    """Each label gets one time, nothing else does, and the note keeps its wording."""
    made = result(SHOW, starts={1: 61_999, 2: 3_600_000}, point=Continue(3_601_700, complete=False))

    assert timed(SHOW, made) == [
        ("**Ann Lee**: Hello and welcome to the", "0:00 - **Ann Lee**: Hello and welcome to the"),
        ("**Bo Chan**: Good morning, everybody.", "1:01 - **Bo Chan**: Good morning, everybody."),
        ("**Ann Lee**: There is nothing new.", "1:00:00 - **Ann Lee**: There is nothing new."),
        ("<!-- Continue at 0:03! -->", "<!-- Continue at 1:00:01! -->"),
    ]


def test_without_times_only_the_note_changes() -> None:
    """The labels stay as they are if no times are wanted."""
    made = result(SHOW, point=Continue(9_000, complete=False))
    changes = [("<!-- Continue at 0:03! -->", "<!-- Continue at 0:09! -->")]

    assert timed(SHOW, made, MarkdownOptions(times=False)) == changes
    assert timed(SHOW, made, MarkdownOptions(times=False, fix_times=True)) == changes


def test_an_utterance_that_was_not_found_gets_no_time() -> None:
    """No time is written below confidence 0.5."""
    source = "**Ann**: one\n\n**Bo**: two\n\n**Ann**: three\n"
    made = result(source, confidence={0: 0.0, 1: 0.49, 2: 0.5})

    assert timed(source, made) == [("**Ann**: three", "0:01 - **Ann**: three")]


def test_text_without_a_label_gets_no_time() -> None:
    """Nothing is written into paragraphs whose speaker is not known."""
    source = "Hello there, everybody.\n\nThis is a plain text.\n"

    assert timed(source, result(source)) == []


def test_typed_times_stay_and_set_the_notation() -> None:
    """New times have the form of the typed ones, which stay as they are."""
    source = "[00:00:09] Ann: one\n\nBo: two\n\n[00:01:00] Ann: three\n\nBo: four\n"
    made = result(source, starts={1: 5_000, 3: 70_000})

    assert timed(source, made) == [("Bo: two", "[00:00:05] Bo: two"), ("Bo: four", "[00:01:10] Bo: four")]


def test_times_after_labels_stay_after_labels() -> None:
    """A new time is put where this file has its times: after the label."""
    source = "**Ann:** \\[00:00:00.10\\] one two\n\n**Bo:** three four\n"
    made = result(source, starts={1: 5_150})

    assert timed(source, made) == [("**Bo:** three four", "**Bo:** \\[00:00:05.15\\] three four")]


def test_times_in_labels_stay_before_the_colon() -> None:
    """A new time is put between name and colon as in this file, or after a label without a name."""
    source = "**Ann (0:00):** one\n\n**Bo**: two\n\n**Cy:** three\n\n**Cy:**: four\n\n****: five\n"

    assert timed(source, result(source)) == [
        ("**Bo**: two", "**Bo** (0:00): two"),
        ("**Cy:** three", "**Cy (0:01):** three"),
        ("**Cy:**: four", "**Cy (0:02):**: four"),
        ("****: five", "****: (0:03) five"),
    ]


def test_wrong_times_are_fixed_on_request() -> None:
    """A time that is off by two seconds or more is replaced, in its own style, and no other."""
    source = "0:00 - **Ann**: one \\[00:09.50\\] two\n\n0:07 - **Bo**: three\n\n0:08 - **Ann**: four\n"
    made = result(source, starts={1: 9_000, 2: 9_900})

    assert timed(source, made) == []
    assert timed(source, made, MarkdownOptions(fix_times=True)) == [
        ("0:00 - **Ann**: one \\[00:09.50\\] two", "0:00 - **Ann**: one \\[00:00.30\\] two"),
        ("0:07 - **Bo**: three", "0:09 - **Bo**: three"),
    ]


def test_a_time_is_not_fixed_by_a_guess() -> None:
    """A time stays if its utterance was not found surely, or its word was only interpolated."""
    source = "0:50 - **Ann**: one\n\n0:50 - **Bo**: three \\[00:50\\] [four] five\n"
    made = result(source, starts={1: 50_000}, confidence={0: 0.4})

    assert timed(source, made, MarkdownOptions(fix_times=True)) == []


options = st.builds(MarkdownOptions, times=st.booleans(), fix_times=st.booleans())
points = st.one_of(
    st.just(Continue(None, complete=True)),
    st.integers(0, 10**7).map(lambda at: Continue(at, complete=False)),
)


@given(results(), options, points)
def test_undoing_the_edits_gives_the_source_back(made: Result, options: MarkdownOptions, point: Continue) -> None:
    """Every change can be undone to the byte."""
    source = made.transcript.source
    edits = timed_edits(replace(made, continue_point=point), options)

    assert apply(apply(source, edits), undo(source, edits)) == source


@given(results(), options, points)
def test_a_second_run_changes_nothing_more(made: Result, options: MarkdownOptions, point: Continue) -> None:
    """The output is read as the same words, with times that need no change."""
    made = replace(made, continue_point=point)
    written = render_markdown(made, options)
    again = parse(written)

    assert [word.text for word in again.words] == [word.text for word in made.transcript.words]
    assert timed_edits(_with_written(made, written), options) == ()


def _with_written(made: Result, written: str) -> Result:
    """Return the result with the written document as its transcript."""
    return replace(made, transcript=parse(written))
