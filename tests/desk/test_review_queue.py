"""The queue: what to look at, with ids that stay, in order of importance, and actions that give the right text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.desk.review_queue import ALIKE, Item, act, item_json, list_items
from pipeline.desk.settle import Given, Heard, settle_text
from pipeline.desk.turn_commands import CommandError
from pipeline.matching.drafting.spelling import learn_spelling
from pipeline.matching.typed_times import typed_time_findings
from pipeline.reading.edits import apply
from pipeline.reading.structure.file_style import read_file_style
from pipeline.reading.transcript import parse
from pipeline.schema import Edit, Finding, FindingKind, NamedTurn, Result
from pipeline.times import Span
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing
from tests.factories import result as made_result

TURNS = "".join(
    f"{clock} - **{name}**: This is turn {word} of the show. It goes on a bit.\n\n"
    for clock, name, word in [("0:00", "Ann", "one"), ("0:30", "Bo", "two"), ("0:40", "Ann", "three")]
)


def with_findings(*findings: Finding) -> Result:
    """A result of three turns with these findings."""
    return made_result(parse(TURNS), findings=findings)


def about(kind: FindingKind, utterance: int | None, **details: str | float | tuple[str, ...]) -> Finding:
    """A finding about an utterance."""
    return Finding(kind, f"a {kind}", utterance, Span(2_000, 3_000), details)


def edits_of(result: Result, item: Item, action: str) -> tuple[Edit, ...]:
    """The edits of an action."""
    style = read_file_style(result.transcript)
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment)
    return act(result, list_items(result, frozenset()), item, action, style, spelling)


def after(result: Result, item: Item, action: str) -> str:
    """The text after an action."""
    return apply(result.transcript.source, edits_of(result, item, action))


def test_the_most_important_comes_first() -> None:
    """Items are ordered by what would be published wrongly, then by their place."""
    result = with_findings(
        about("low-confidence", 0),
        about("speaker-mismatch", 2, label="Ann", heard="Bo"),
        about("not-heard", 1),
        about("speaker-mismatch", 0, label="Ann", heard="Bo"),
        about("note-moved", None),
    )

    kinds = [(item.finding.kind, item.finding.utterance) for item in list_items(result, frozenset())]

    assert kinds == [("speaker-mismatch", 0), ("speaker-mismatch", 2), ("not-heard", 1), ("low-confidence", 0)]


def test_ids_stay_after_edits_and_differ() -> None:
    """An id is the same though text and times before it changed; two items never share one."""
    found = [about("not-heard", 1), about("low-confidence", 2), about("speaker-mismatch", 2, label="Ann", heard="Bo")]
    before = with_findings(*found)
    moved = made_result(parse("**Zoe**: Hello.\n\n" + TURNS), word_ms=350)
    moved = replace(moved, findings=tuple(replace(one, utterance=(one.utterance or 0) + 1) for one in found))

    ids = [item.id for item in list_items(before, frozenset())]

    assert ids == [item.id for item in list_items(moved, frozenset())]
    assert len(set(ids)) == len(ids)
    assert [item.id for item in list_items(before, frozenset(ids[:1]))] == ids[1:]


def test_the_name_is_taken() -> None:
    """A wrong label gets the name whose voice it is, alone or with all alike."""
    result = with_findings(
        about("speaker-mismatch", 0, label="Ann", heard="Bo"), about("speaker-mismatch", 2, label="Ann", heard="Bo")
    )
    item = list_items(result, frozenset())[0]

    assert after(result, item, "take-name") == TURNS.replace("Ann", "Bo", 1)
    assert after(result, item, "take-name" + ALIKE) == TURNS.replace("Ann", "Bo")


def test_a_spelling_is_corrected_everywhere() -> None:
    """A variant of a name is replaced in all labels that have it."""
    result = with_findings(about("name-variant", 0, label="Ann", nearest="Anna"))

    assert after(result, list_items(result, frozenset())[0], "take-name") == TURNS.replace("Ann", "Anna")


OPEN = TURNS.replace("**Ann**", "****") + "0:50 - **Ann**: This is turn four of the show. It goes on a bit.\n"


def voiced(source: str, *voices: str | None) -> Result:
    """A result of turns in which these voices are heard."""
    made = made_result(parse(source))
    utterances = tuple(replace(one, heard_speaker=voice) for one, voice in zip(made.utterances, voices, strict=True))
    return replace(made, utterances=utterances)


def test_an_open_label_gets_the_name_of_its_voice() -> None:
    """Where a label leaves the name open and the voice has one by now, it is taken for one turn or for all of them."""
    result = voiced(OPEN, "Ann", "Bo", "Ann", "Ann")
    items = list_items(result, frozenset())

    assert [(item.finding.kind, item.finding.utterance, item.actions) for item in items] == [
        ("unknown-speaker", 0, ("take-name",)),
        ("unknown-speaker", 2, ("take-name",)),
    ]
    assert OPEN[items[0].chars.start : items[0].chars.end] == "****:"
    assert after(result, items[0], "take-name") == OPEN.replace("****", "**Ann**", 1)
    assert after(result, items[1], "take-name" + ALIKE) == OPEN.replace("****", "**Ann**")
    shown = item_json(items[0], items, int)["actions"]
    assert isinstance(shown, list)
    assert [one["title"] for one in shown][:3:2] == ["Take the name Ann", "Take the name Ann: all 2 alike"]


@pytest.mark.parametrize("label", ["****", "**Unknown speaker 1**"])
def test_an_unknown_voice_gets_a_likely_name(label: str) -> None:
    """The names of the panel without a turn are offered for a voice without a name, for all of its turns at once."""
    source = "Show\n====\n\nPanel:\n\n* Cy Dee\n* Ann\n* Eve Ott\n\n## Start\n\n" + OPEN.replace("****", label)
    result = voiced(source, "Unknown speaker 1", "Bo", "Unknown speaker 1", "Ann")
    (item,) = list_items(result, frozenset())

    assert item.names == ("Cy Dee", "Eve Ott", "Bo")
    assert item.actions == ("take-name", "take-name-2", "take-name-3")
    assert after(result, item, "take-name-2") == source.replace(label, "**Eve Ott**")
    with pytest.raises(CommandError, match="no action"):
        edits_of(result, item, "take-name-4")


def test_a_name_that_was_typed_once_is_offered_for_the_others() -> None:
    """After a person has named one turn of a voice, its other turns get the name by one key."""
    source = OPEN.replace("****", "**Priya Nand**", 1)
    result = voiced(source, "Unknown speaker 1", "Bo", "Unknown speaker 1", "Ann")

    (item,) = list_items(result, frozenset())

    assert "Priya Nand" in item.names
    name = item.actions[item.names.index("Priya Nand")]
    assert after(result, item, name) == source.replace("****", "**Priya Nand**")


def test_a_voice_without_a_label_that_is_open_has_no_name_to_take() -> None:
    """Where all of its words are untyped, there is no label to write it into."""
    stranger = Finding(
        "unknown-speaker", "a voice", None, Span(9_000, 15_000), {"name": "Unknown speaker 1", "candidates": ("Cy",)}
    )

    assert [item.actions for item in list_items(with_findings(stranger), frozenset())] == [()]
    result = replace(voiced(OPEN, "Unknown speaker 1", "Bo", None, "Ann"), findings=(stranger,))
    assert [item.names[0] for item in list_items(result, frozenset())] == ["Cy"]


def test_a_turn_is_split_where_the_voice_changes() -> None:
    """A shared turn is divided before the first word of the second voice, with its label and time."""
    result = with_findings(about("shared-turn", 0, at=2.1, speakers=("Ann", "Bo")))
    item = list_items(result, frozenset())[0]

    assert item.start == 2_100
    assert "of the show.\n\n0:02 - **Bo**: It goes on" in after(result, item, "split")


def test_a_typed_time_is_corrected() -> None:
    """A time that drifted gets the measured time, in its own notation; the others stay."""
    result = with_findings(about("time-drift", 1, typed=30.0, measured=3.8))
    item = list_items(result, frozenset())[0]

    assert TURNS[item.chars.start : item.chars.end] == "0:30"
    assert after(result, item, "correct-time") == TURNS.replace("0:30", "0:04")
    assert after(result, item, "ignore") == TURNS


def test_times_that_are_off_together_are_corrected_together() -> None:
    """Each item corrects the times that it covers, those of turns that are not sure too; all alike correct all."""
    clocks = ["1:30", "1:50", "2:10", "2:30", "2:20", "2:40", "3:00", "3:20"]
    right = ["1:40", "2:00", "2:20", "2:40", "3:00", "3:20", "3:40", "4:00"]
    source = "".join(f"{clock} - **Ann**: This is a turn.\n\n" for clock in clocks)
    made = made_result(source, starts={k: 100_000 + 20_000 * k for k in range(8)}, confidence={6: 0.4})
    findings = tuple(typed_time_findings(made.transcript, made.words, made.utterances))
    result = replace(made, findings=findings)
    first, second = list_items(result, frozenset())

    assert [source[item.chars.start : item.chars.end] for item in (first, second)] == ["1:30", "2:20"]
    assert (first.start, second.start) == (100_000, 180_000)
    assert first.finding.message.startswith("from 1:30 until 2:20, the typed times are 10.0 s early")
    assert re.findall(r"\d:\d\d", after(result, second, "correct-time")) == [*clocks[:4], *right[4:]]
    assert re.findall(r"\d:\d\d", after(result, first, f"correct-time{ALIKE}")) == right


def test_actions_that_an_item_does_not_have() -> None:
    """An action of another kind is refused."""
    result = with_findings(about("not-heard", 1))

    with pytest.raises(CommandError, match="no action split"):
        edits_of(result, list_items(result, frozenset())[0], "split")


def example() -> Result:
    """The example with what was heard of it."""
    source = TRANSCRIPT.read_text(encoding="utf-8")
    heard = Heard(kept_hearing(), complete=True)
    result, _ = settle_text(source, heard, Given())
    return replace(result, named_turns=(NamedTurn(Span(0, 45_000), "Hannah Weir"),))


def test_the_draft_of_a_passage_is_taken() -> None:
    """A left-out passage becomes a turn at its place without comments, and is then no longer missing."""
    result = example()
    item = next(one for one in list_items(result, frozenset()) if one.finding.kind == "untranscribed")

    text = after(result, item, "take-draft")

    assert "**Hannah Weir**: This episode is brought to you by" in text
    assert "Drafted by" not in text
    again, _ = settle_text(text, Heard(kept_hearing(), complete=True), Given())
    spans = [one.span for one in again.findings if one.kind == "untranscribed" and one.span]
    assert item.finding.span is not None
    assert not any(item.finding.span.overlap(span) > 1_000 for span in spans)


def test_a_passage_within_a_sentence_is_inserted_there() -> None:
    """Where words are missing inside of a sentence, they are inserted between its words."""
    source = TRANSCRIPT.read_text(encoding="utf-8")
    transcript = parse(source)
    longest = max(transcript.utterances, key=lambda one: len(one.words))
    words = transcript.words[longest.words.start : longest.words.end]
    cut = source[: words[3].chars.end] + source[words[20].chars.end :]
    result, _ = settle_text(cut, Heard(kept_hearing(), complete=True), Given())
    items = [one for one in list_items(result, frozenset()) if one.finding.kind == "untranscribed"]
    item = min(items, key=lambda one: abs(one.chars.start - words[3].chars.end))

    text = after(result, item, "take-draft")

    assert len(parse(text).utterances[longest.index].words) > len(parse(cut).utterances[longest.index].words) + 8
    assert len(parse(text).utterances) == len(transcript.utterances)


def test_a_misheard_word_is_shown_at_its_place() -> None:
    """Of two places with the word, at that which is said then; the same pair elsewhere is alike, another is not."""
    result = with_findings()
    again = made_result(parse(TURNS.replace("goes on a bit", "goes on a turn")), findings=())
    second = [k for k in again.transcript.utterances[1].words if again.transcript.words[k].shown == "turn."][-1]
    span = again.words[second].span
    first = replace(about("misheard", 0, typed="turn", heard="tone", confidence=0.9), span=None)
    found = [replace(first, utterance=1, span=span), first]
    other = replace(about("misheard", 0, typed="turn", heard="town", confidence=0.9), span=None)

    items = list_items(replace(again, findings=(*found, other)), frozenset())

    places = [again.transcript.source[item.chars.start : item.chars.end] for item in items]
    assert sorted(places) == ["turn", "turn", "turn."]
    assert items[-1].chars == again.transcript.words[second].chars
    assert items[0].alike == items[2].alike != items[1].alike
    assert [item.actions for item in items] == [()] * 3
    assert list_items(result, frozenset()) == ()


def test_lines_that_may_be_labels_are_items_of_their_own() -> None:
    """Each line that may be a label is an item, at its place."""
    source = "**Ann**: Hello there to all.\n\nBob Lee: I am not a label here for now.\n\n**Ann**: Yes.\n"
    transcript = parse(source)
    made = replace(made_result(transcript), findings=(Finding("possible-label", "", details={"lines": (3,)}),))

    items = list_items(made, frozenset())

    assert [source[item.chars.start : item.chars.end] for item in items] == [
        source[chars.start : chars.end] for chars in transcript.doubtful
    ]
