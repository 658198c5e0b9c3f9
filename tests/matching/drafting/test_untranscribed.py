"""Where speech is that nobody has written."""

from __future__ import annotations

from pipeline.matching.drafting.untranscribed import find_gaps, find_rest, find_unintelligible
from pipeline.schema import Result
from tests.factories import heard
from tests.partial_results import aligned

MOVED = "we moved the whole forum from the old machine to the new one on a sunday."
SPONSOR = "This week is brought to you by lantern racks the small server shelf for everybody."
PARCELS = "Three parcels and one grandmother waited outside in the cold rain for hours."
PUDDING = "She has an account now and moderates the big section about sweet puddings."


def said(source: str, *sentences: str) -> Result:
    """A transcript aligned with these sentences, a pause between each two."""
    parts, at = [], 0
    for sentence in sentences:
        parts.append(heard(sentence, at))
        at = parts[-1][-1].span.end + 400
    return aligned(source, *parts)


def words(result: Result, index: int = 0) -> str:
    """What is heard in the rest or, from 1 on, in a hole."""
    passages = (*find_rest(result), *find_gaps(result))
    run = passages[index].heard
    return " ".join(word.text for word in result.hearing.words[run.start : run.end])


def place(result: Result) -> str:
    """The source with a mark where the only hole is."""
    (gap,) = find_gaps(result)
    source = result.transcript.source
    assert gap.fills is not None
    return source[: gap.fills.start] + "|" + source[gap.fills.end :]


def test_the_rest_is_what_follows_the_last_utterance() -> None:
    """What is said after the last found turn is the rest; a jingle that was typed before is a part of it."""
    result = said(f"**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", MOVED, PARCELS, PUDDING, MOVED)

    assert words(result) == f"{PUDDING} {MOVED}"


def test_nothing_typed_leaves_all_and_nothing_found_leaves_nothing() -> None:
    """An empty transcript lacks everything; of one that fits nowhere nobody knows what it lacks."""
    assert words(said("", MOVED)) == MOVED
    assert find_rest(said("**Ann**: Quite another thing altogether, isn't it?", MOVED)) == ()


def test_a_few_words_are_no_passage() -> None:
    """After the last turn, fewer than ten words but for fillers are not worth a draft."""
    assert find_rest(said(f"**Ann**: {MOVED}", MOVED, "um uh well that was um it then uh bye um uh.")) == ()


def test_a_hole_between_turns_follows_the_turn_before_it() -> None:
    """What lies between two turns belongs behind the first one, or before it where it is the first thing said."""
    after = said(f"**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", MOVED, SPONSOR, PARCELS)
    before = said(f"Hi\n==\n\n**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", SPONSOR, MOVED, PARCELS)

    assert place(after) == f"**Ann**: {MOVED}|\n\n**Bo**: {PARCELS}\n"
    assert place(before) == f"Hi\n==\n\n|**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n"


def test_a_hole_inside_a_turn_lies_between_sentences() -> None:
    """A labelled turn can be opened between two sentences, never inside of one, and no unlabelled one."""
    assert place(said(f"**Ann**: {MOVED} {PARCELS}", MOVED, SPONSOR, PARCELS)) == f"**Ann**: {MOVED} |{PARCELS}"
    assert find_gaps(said(f"**Ann**: {MOVED[:-1]} {PARCELS}", MOVED, SPONSOR, PARCELS)) == ()
    assert find_gaps(said(f"{MOVED} {PARCELS}", MOVED, SPONSOR, PARCELS)) == ()


def test_a_hole_slides_to_the_end_of_a_sentence() -> None:
    """Two sentences that begin alike leave a hole between them, not behind the words that they share."""
    first, left_out, last = (f"So then {sentence}" for sentence in (MOVED, SPONSOR, PARCELS))
    result = said(f"**Ann**: {first} {last}", first, left_out, last)

    assert place(result) == f"**Ann**: {first} |{last}"
    assert words(result) == left_out


def test_a_note_in_its_hole_is_what_gives_way() -> None:
    """A note that marks a hole is replaced by what fills it."""
    source = f"**Ann**: {MOVED}\n\n<!-- Continue at 0:10! -->\n\n**Bo**: {PARCELS}\n"

    assert place(said(source, MOVED, SPONSOR, PARCELS)) == f"**Ann**: {MOVED}\n\n|\n\n**Bo**: {PARCELS}\n"


def test_what_could_not_be_heard() -> None:
    """Under a mark with a few words beside it lie those words; its brackets and time are what gives way."""
    lost = PARCELS.replace("waited outside", "\\[unintelligible 0:10\\],")
    result = said(f"**Ann**: {MOVED} {lost}", MOVED, PARCELS)
    ((passage, utterance),) = find_unintelligible(result)
    run, chars = passage.heard, passage.fills

    assert [word.text for word in result.hearing.words[run.start : run.end]] == ["waited", "outside"]
    assert chars is not None
    assert (utterance, result.transcript.source[chars.start : chars.end]) == (0, "\\[unintelligible 0:10\\]")
