"""Untranscribed speech: the rest of an episode, gaps, and unintelligible marks."""

from __future__ import annotations

from pipeline.matching.drafting.untranscribed import find_gaps, find_rest, find_unintelligible
from pipeline.schema import Result
from tests.factories import heard
from tests.partial_results import aligned

MOVED = "we moved the whole forum from the old machine to the new one on a sunday."
SPONSOR = "This week is brought to you by lantern racks the small server shelf for everybody."
PARCELS = "Three parcels and one grandmother waited outside in the cold rain for hours."
PUDDING = "She has an account now and moderates the big section about sweet puddings."


def aligned_sentences(source: str, *sentences: str) -> Result:
    """Align a transcript with these sentences, with a pause between each two."""
    parts, at = [], 0
    for sentence in sentences:
        parts.append(heard(sentence, at))
        at = parts[-1][-1].span.end + 400
    return aligned(source, *parts)


def passage_text(result: Result, index: int = 0) -> str:
    """Return the words of the rest or, from index 1 on, of a gap."""
    passages = (*find_rest(result), *find_gaps(result))
    run = passages[index].heard
    return " ".join(word.text for word in result.hearing.words[run.start : run.end])


def marked_place(result: Result) -> str:
    """Return the source with a bar at the place of the only gap."""
    (gap,) = find_gaps(result)
    source = result.transcript.source
    assert gap.fills is not None
    return source[: gap.fills.start] + "|" + source[gap.fills.end :]


def test_the_rest_is_what_follows_the_last_utterance() -> None:
    """All that is said after the last found utterance is the rest, also a jingle that was typed before."""
    result = aligned_sentences(f"**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", MOVED, PARCELS, PUDDING, MOVED)

    assert passage_text(result) == f"{PUDDING} {MOVED}"


def test_nothing_typed_leaves_all_and_nothing_found_leaves_nothing() -> None:
    """For an empty transcript all is the rest; for one that fits nowhere there is none."""
    assert passage_text(aligned_sentences("", MOVED)) == MOVED
    assert find_rest(aligned_sentences("**Ann**: Quite another thing altogether, isn't it?", MOVED)) == ()


def test_a_few_words_are_no_passage() -> None:
    """After the last turn, fewer than ten words without fillers are not drafted."""
    assert (
        find_rest(aligned_sentences(f"**Ann**: {MOVED}", MOVED, "um uh well that was um it then uh bye um uh.")) == ()
    )


def test_a_gap_between_turns_follows_the_turn_before_it() -> None:
    """A gap between two turns is at the end of the first one; one before all turns is before the first."""
    after = aligned_sentences(f"**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", MOVED, SPONSOR, PARCELS)
    before = aligned_sentences(f"Hi\n==\n\n**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", SPONSOR, MOVED, PARCELS)

    assert marked_place(after) == f"**Ann**: {MOVED}|\n\n**Bo**: {PARCELS}\n"
    assert marked_place(before) == f"Hi\n==\n\n|**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n"


def test_a_gap_inside_a_turn_is_between_sentences() -> None:
    """A labelled turn can be opened between two sentences, never inside one; an unlabelled turn never."""
    assert (
        marked_place(aligned_sentences(f"**Ann**: {MOVED} {PARCELS}", MOVED, SPONSOR, PARCELS))
        == f"**Ann**: {MOVED} |{PARCELS}"
    )
    assert find_gaps(aligned_sentences(f"**Ann**: {MOVED[:-1]} {PARCELS}", MOVED, SPONSOR, PARCELS)) == ()
    assert find_gaps(aligned_sentences(f"{MOVED} {PARCELS}", MOVED, SPONSOR, PARCELS)) == ()


def test_a_gap_is_shifted_to_the_end_of_a_sentence() -> None:
    """If two sentences begin alike, the gap is between them, not after the words that they share."""
    first, left_out, last = (f"So then {sentence}" for sentence in (MOVED, SPONSOR, PARCELS))
    result = aligned_sentences(f"**Ann**: {first} {last}", first, left_out, last)

    assert marked_place(result) == f"**Ann**: {first} |{last}"
    assert passage_text(result) == left_out


def test_a_note_that_marks_a_gap_is_replaced() -> None:
    """A continue note that marks a gap is replaced by what fills it."""
    source = f"**Ann**: {MOVED}\n\n<!-- Continue at 0:10! -->\n\n**Bo**: {PARCELS}\n"

    assert (
        marked_place(aligned_sentences(source, MOVED, SPONSOR, PARCELS))
        == f"**Ann**: {MOVED}\n\n|\n\n**Bo**: {PARCELS}\n"
    )


def test_an_unintelligible_mark_has_the_words_at_its_time() -> None:
    """The passage of a mark has the few words heard at its time, and replaces its brackets and time."""
    lost = PARCELS.replace("waited outside", "\\[unintelligible 0:10\\],")
    result = aligned_sentences(f"**Ann**: {MOVED} {lost}", MOVED, PARCELS)
    ((passage, utterance),) = find_unintelligible(result)
    run, chars = passage.heard, passage.fills

    assert [word.text for word in result.hearing.words[run.start : run.end]] == ["waited", "outside"]
    assert chars is not None
    assert (utterance, result.transcript.source[chars.start : chars.end]) == (0, "\\[unintelligible 0:10\\]")
