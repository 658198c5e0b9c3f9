"""What was heard and nobody wrote, as turns that a person would type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.drafting.draft_turns import DraftOptions, draft
from pipeline.schema import DraftTurn, HeardWord, NamedTurn
from pipeline.times import Span
from pipeline.writing.finished import FinishOptions, finished_edits, render_finished
from tests.factories import heard
from tests.matching.drafting.test_untranscribed import MOVED, PARCELS, SPONSOR, said
from tests.partial_results import aligned, voices

SAID = (
    "kettle", "build", "server", "robot", "sunday", "machine", "forum", "bell", "door", "grandmother", "pudding",
    "the", "a", "and", "so", "of", "to", "um,", "uh,", "end.", "why?", "Right.", "Um.", "0.8", ".8", "'em", "-x",
    "Ann", "Lee", "Bo:", "Ek,", "[Music]", "(", ")", "*", "_", "1.", "#",
)  # fmt: skip


def rest_of(words: tuple[HeardWord, ...], *names: tuple[str | None, int], **options: bool) -> tuple[DraftTurn, ...]:
    """The draft of an episode of which nothing is typed."""
    return draft(aligned("", words), voices(*names), DraftOptions(**options))


def test_turns_are_told_apart_and_cleaned() -> None:
    """Sentences go to whoever says them, without fillers, with capitals and stops."""
    words = heard("so um we moved the forum. and the robots complained, they did that within a minute")
    first, second = rest_of(words, ("Ann", 1_800), ("Bo", 9_000))

    assert (first.speaker, first.text, first.span) == ("Ann", "So we moved the forum.", Span(0, 1_800))
    assert (second.speaker, second.text) == ("Bo", "And the robots complained, they did that within a minute.")
    assert " ".join(word.text for word in second.words) == second.text


def test_everything_is_kept_where_that_is_asked_for() -> None:
    """Verbatim keeps fillers and a listener's yeah."""
    words = heard("so um we moved yeah the whole big forum over to a new machine.")
    names = (("Ann", 1_200), ("Bo", 1_500), ("Ann", 9_000))

    assert [turn.text for turn in rest_of(words, *names)] == ["So we moved the whole big forum over to a new machine."]
    assert [(turn.speaker, turn.text) for turn in rest_of(words, *names, verbatim=True)] == [
        ("Ann", "So um we moved."),
        ("Bo", "Yeah."),
        ("Ann", "The whole big forum over to a new machine."),
    ]


def test_uncertain_words_are_marked() -> None:
    """One mark stands behind a run of words that the engine is not sure of; the words themselves have none."""
    words = (*heard("we all went to the", 0), *heard("silver zoo", 1_500, probability=0.2), *heard("on a sunday then."))
    (turn,) = rest_of(words, ("Ann", 9_000), mark_uncertain=True)

    assert turn.text == "We all went to the silver zoo [?] on a sunday then."
    assert "[?]" not in [word.text for word in turn.words]


def test_holes_come_in_their_place_and_only_when_asked_for() -> None:
    """A hole's turns know where they belong and stand before the rest."""
    result = said(f"**Ann**: {MOVED}", SPONSOR, MOVED, PARCELS)
    turns = (NamedTurn(Span(0, 99_000), "Ann"),)
    filled = draft(result, turns, DraftOptions(fill_gaps=True))

    assert [turn.fills is None for turn in draft(result, turns, DraftOptions())] == [True]
    assert [(turn.fills is None, turn.text.split()[0]) for turn in filled] == [(False, "This"), (True, "Three")]


def test_an_unintelligible_mark_is_filled_where_the_engine_is_sure() -> None:
    """What is heard under a mark is proposed without its full stop, unless a word of it is doubtful."""
    lost = PARCELS.replace("waited outside", "[unintelligible]")
    source = f"**Ann**: {MOVED} {lost}"
    options = DraftOptions(fill_unintelligible=True)
    sure = said(source, MOVED, PARCELS)
    unsure = aligned(source, [HeardWord(word.text, word.span, 0.3) for word in sure.hearing.words])

    assert [(turn.speaker, turn.text) for turn in draft(sure, (), options)] == [("Ann", "waited outside")]
    assert draft(unsure, (), options) == ()
    assert render_finished(sure, draft(sure, (), options), FinishOptions()) == f"**Ann**: {MOVED} {PARCELS}"


@given(
    st.lists(st.sampled_from(SAID), min_size=1, max_size=150), st.integers(0, 60),
    st.lists(st.tuples(st.sampled_from(("Ann Lee", "Bo Ek", None)), st.integers(300, 6_000)), max_size=20),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_what_was_drafted_is_not_drafted_again(
    words: list[str],
    typed: int,
    lengths: list[tuple[str | None, int]],
    verbatim: bool,  # noqa: FBT001
    fill_gaps: bool,  # noqa: FBT001
) -> None:
    """Heard again against what was finished, nothing is left to draft, and nothing is changed."""
    text = " ".join(word for word in words[:typed] if word not in ("[Music]", "(", ")", "*", "_", "#"))
    source = f"**Ann Lee**: {text}\n\n<!-- Continue at 1:00! -->\n" if text else ""
    listened = heard(" ".join(words))
    turns = voices(*((name, sum(length for _, length in lengths[: k + 1])) for k, (name, _) in enumerate(lengths)))
    options = DraftOptions(verbatim=verbatim, fill_gaps=fill_gaps)
    once = aligned(source, listened)
    finished = render_finished(once, draft(once, turns, options), FinishOptions())
    again = aligned(finished, listened)

    assert draft(again, turns, options) == ()
    assert all(edit.text == "" for edit in finished_edits(again, (), FinishOptions()))
