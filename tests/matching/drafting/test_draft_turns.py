"""Drafts of untranscribed speech, as turns that a person would type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.drafting.draft_turns import DraftOptions, draft
from pipeline.schema import DraftTurn, HeardWord, NamedTurn
from pipeline.times import Span
from pipeline.writing.finished import FinishOptions, finished_edits, render_finished
from tests.factories import heard
from tests.matching.drafting.test_untranscribed import MOVED, PARCELS, SPONSOR, aligned_sentences
from tests.partial_results import aligned, voices

HEARD_WORDS = (
    "kettle", "build", "server", "robot", "sunday", "machine", "forum", "bell", "door", "grandmother", "pudding",
    "the", "a", "and", "so", "of", "to", "um,", "uh,", "end.", "why?", "Right.", "Um.", "0.8", ".8", "'em", "-x",
    "Ann", "Lee", "Bo:", "Ek,", "[Music]", "(", ")", "*", "_", "1.", "#",
)  # fmt: skip


def drafted(words: tuple[HeardWord, ...], *names: tuple[str | None, int], **options: bool) -> tuple[DraftTurn, ...]:
    """Return the draft of an episode of which nothing is typed."""
    return draft(aligned("", words), voices(*names), DraftOptions(**options))


def test_sentences_become_turns_of_their_speakers() -> None:
    """Each sentence is in the turn of its speaker, without fillers, with capitals and full stops."""
    words = heard("so um we moved the forum. and the robots complained, they did that within a minute")
    first, second = drafted(words, ("Ann", 1_800), ("Bo", 9_000))

    assert (first.speaker, first.text, first.span) == ("Ann", "So we moved the forum.", Span(0, 1_800))
    assert (second.speaker, second.text) == ("Bo", "And the robots complained, they did that within a minute.")
    assert " ".join(word.text for word in second.words) == second.text


def test_verbatim_keeps_everything() -> None:
    """Verbatim keeps fillers and back-channels, which are otherwise left out."""
    words = heard("so um we moved yeah the whole big forum over to a new machine.")
    names = (("Ann", 1_200), ("Bo", 1_500), ("Ann", 9_000))

    assert [turn.text for turn in drafted(words, *names)] == ["So we moved the whole big forum over to a new machine."]
    assert [(turn.speaker, turn.text) for turn in drafted(words, *names, verbatim=True)] == [
        ("Ann", "So um we moved."),
        ("Bo", "Yeah."),
        ("Ann", "The whole big forum over to a new machine."),
    ]


def test_uncertain_words_are_marked() -> None:
    """One mark follows a run of uncertain words; the words themselves have none."""
    words = (*heard("we all went to the", 0), *heard("silver zoo", 1_500, probability=0.2), *heard("on a sunday then."))
    (turn,) = drafted(words, ("Ann", 9_000), mark_uncertain=True)

    assert turn.text == "We all went to the silver zoo [?] on a sunday then."
    assert "[?]" not in [word.text for word in turn.words]


def test_gaps_are_filled_only_if_asked_for() -> None:
    """A gap's turns have their place and come before the rest, and only with the option."""
    result = aligned_sentences(f"**Ann**: {MOVED}", SPONSOR, MOVED, PARCELS)
    turns = (NamedTurn(Span(0, 99_000), "Ann"),)
    filled = draft(result, turns, DraftOptions(fill_gaps=True))

    assert [turn.fills is None for turn in draft(result, turns, DraftOptions())] == [True]
    assert [(turn.fills is None, turn.text.split()[0]) for turn in filled] == [(False, "This"), (True, "Three")]


def test_an_unintelligible_mark_is_filled_if_the_engine_is_sure() -> None:
    """The words heard under a mark replace it without their full stop, unless one of them is uncertain."""
    lost = PARCELS.replace("waited outside", "[unintelligible]")
    source = f"**Ann**: {MOVED} {lost}"
    options = DraftOptions(fill_unintelligible=True)
    sure = aligned_sentences(source, MOVED, PARCELS)
    unsure = aligned(source, [HeardWord(word.text, word.span, 0.3) for word in sure.hearing.words])

    assert [(turn.speaker, turn.text) for turn in draft(sure, (), options)] == [("Ann", "waited outside")]
    assert draft(unsure, (), options) == ()
    assert render_finished(sure, draft(sure, (), options), FinishOptions()) == f"**Ann**: {MOVED} {PARCELS}"


@given(
    st.lists(st.sampled_from(HEARD_WORDS), min_size=1, max_size=150), st.integers(0, 60),
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
    """If a finished document is aligned with the same hearing, nothing is left to draft and nothing is changed."""
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
