"""Drafts written into the human's document."""

from __future__ import annotations

from dataclasses import replace
from textwrap import fill

import pytest
import regex
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.matching.continue_note import note_edits
from pipeline.matching.drafting.draft_turns import DraftOptions, draft
from pipeline.reading.edits import apply, undo
from pipeline.reading.markup.whitespace import IGNORABLE, ZERO_WIDTH_SPACE
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, DraftTurn, HeardWord, NamedTurn, Result, Transcript, Utterance
from pipeline.times import Span
from pipeline.writing.finished import FinishOptions, finished_edits
from pipeline.writing.shown_words import running_text
from tests.factories import heard
from tests.partial_results import aligned, heard_texts, voices, with_rest
from tests.strategies import sources

UNKNOWN = "Unknown speaker 1"


def spoken_by(transcript: Transcript, utterance: Utterance) -> tuple[str, str]:
    """Return the folded speaker and the text of an utterance, with each white space as one space."""
    words = [transcript.words[k] for k in utterance.words]
    return (utterance.speaker or "").casefold(), running_text(transcript, words)


def turn_of(turn: DraftTurn) -> tuple[str, str]:
    """Return the same of a drafted turn, without characters that nobody sees."""
    visible = regex.sub(f"[{IGNORABLE}]", "", turn.text.replace(ZERO_WIDTH_SPACE, " "))
    return (turn.speaker or "").casefold(), " ".join(visible.split())


def drafted(result: Result, names: list[str | None], options: DraftOptions) -> tuple[DraftTurn, ...]:
    """Return a draft in which these people take turns of six words each, after the written text."""
    start = min((word.span.start for word in result.hearing.words), default=0)
    turns = voices((names[0], start), *((names[k % len(names)], start + 1_800 * (k + 1)) for k in range(60)))
    return draft(result, turns, options)


def cast_of(transcript: Transcript) -> list[str | None]:
    """Return the names that a draft of this transcript may have."""
    return [*transcript.panel, *(one.speaker for one in transcript.utterances if one.label), UNKNOWN, None]


def _stays_speech_without_its_note(transcript: Transcript) -> bool:
    """Return False for a line such as ``WIP<!-- continue 0:00 -->*``, which is read differently without its note."""
    bare = apply(transcript.source, note_edits(transcript, Continue(None, complete=True)))
    return [word.shown for word in parse(bare).words] == [word.shown for word in transcript.words]


def read_again(transcript: Transcript, last: tuple[str, str]) -> list[tuple[str, str]]:
    """Return all turns, without a [Laughter] that was alone below the note and now follows the last drafted turn."""
    turns = [spoken_by(transcript, one) for one in transcript.utterances]
    words = [transcript.words[k] for k in transcript.utterances[-1].words]
    while turns[-1] != last and words and words[-1].kind == "editorial":
        words.pop()
        turns[-1] = turns[-1][0], running_text(transcript, words)
    return turns


@given(sources(), heard_texts(), st.booleans(), st.booleans(), st.data())
@example(source="**Ann Lee**: <!-- open", texts=["-->"], times=False, verbatim=False, data=None)
@example(
    source="Ann Lee: hi there\n\nAnn Lee: and hello", texts=["Ann", "Lee:", "x"], times=False, verbatim=False, data=None
)
@example(source="PANEL\n;", texts=["**"], times=False, verbatim=False, data=None)
@example(source="Panel:\nNotes", texts=["so"], times=False, verbatim=False, data=None)
@example(source="Panel:\n0*", texts=["so"], times=False, verbatim=False, data=None)
@example(source="Panel:\n\u200fמשה", texts=["so"], times=False, verbatim=False, data=None)
@example(source="Panel:\n<!--\\-->K", texts=["so"], times=False, verbatim=False, data=None)
def test_nothing_that_was_typed_or_heard_is_lost(
    source: str,
    texts: list[str],
    times: bool,  # noqa: FBT001
    verbatim: bool,  # noqa: FBT001
    data: st.DataObject | None,
) -> None:
    """Undone, the file is as it was; read again, it has the human's turns and then the drafted ones, word for word."""
    assume("\0" not in source)  # such files are refused
    result = with_rest(parse(source), texts)
    assume(_stays_speech_without_its_note(result.transcript))
    cast = cast_of(result.transcript)
    names = data.draw(st.lists(st.sampled_from(cast), min_size=1, max_size=3)) if data else cast[:2]
    turns = drafted(result, names, DraftOptions(verbatim=verbatim))
    edits = finished_edits(result, turns, FinishOptions(times=times))
    document = apply(source, edits)
    again = parse(document)
    human = [spoken_by(result.transcript, one) for one in result.transcript.utterances]

    assert apply(document, undo(source, edits)) == source
    assert turns
    assert read_again(again, turn_of(turns[-1])) == [*human, *map(turn_of, turns)]


LAYOUTS = (
    "**Ann Lee**: {a}\n\n**Bo Ek**: {b}\n",
    "**Ann Lee:** {a}\n\n**Bo Ek:** {b}",
    "**Ann Lee:**\n\n{a}\n\n**Bo Ek:**\n\n{b}\n\n",
    "Panel:\n\n* Ann Lee\n* Bo Ek\n\nAnn Lee: {a}\nBo Ek: {b}\n",
    "ANN LEE: {a}\n\nBO EK: {b}\n\nANN LEE: {b}\n\nBO EK: {a}\n",
    "- **Ann Lee**: {a}\n- **Bo Ek**: {b}\n",
    "> **Ann Lee**: {a}\n>\n> **Bo Ek**: {b}\n",
    "0:17 - **Ann Lee**: {a}\n\n1:00 - **Bo Ek**: {b}\n",
    "[00:00:17] Ann Lee: {a}\n\n[00:01:00] Ann Lee: {b}\n\n[00:01:01] Bo Ek: {a}\n\n[00:01:02] Bo Ek: {b}\n",
    "**Ann Lee (0:17):** {a}\n\n**Bo Ek (1:00):** {b}\n",
    "**Ann Lee:** \\[00:00:17.10\\] {a}\n\n**Bo Ek:** \\[00:01:00.20\\] {b}\n",
    "__Ann Lee__ : {a}\n\n\n__Bo Ek__ : {b}\n",
    "Ann Lee：{a}\n\nAnn Lee：{b}\n\nBo Ek：{a}\n\nBo Ek：{b}\n",
    "",
)
SENTENCE = "so this is a sentence that is long enough to be wrapped wherever the typist likes to wrap what was said"


@given(
    st.sampled_from(LAYOUTS), st.sampled_from((None, 60, 80)), st.sampled_from(("", " ", "  ")),
    st.sampled_from(("\n", "\r\n", "\r")), heard_texts(), st.booleans(),
)  # fmt: skip
@example(
    layout="**Ann Lee:**\n\n{a}\n\n**Bo Ek:**\n\n{b}\n\n",
    column=None, indent="", ending="\n", texts=["Note: ", "今天我们喝茶。"], times=False,
)  # fmt: skip
@example(
    layout="**Ann Lee:**\n\n{a}\n\n**Bo Ek:**\n\n{b}\n\n",
    column=60, indent="", ending="\n", texts=["Panel", "x" * 60], times=False,
)  # fmt: skip
@example(
    layout="**Ann Lee**: {a}\n\n**Bo Ek**: {b}\n",
    column=60, indent="", ending="\n", texts=[*["**"] * 10, "Ann:", "Bo [Ek]"], times=False,
)  # fmt: skip
def test_every_layout_is_read_again(
    layout: str,
    column: int | None,
    indent: str,
    ending: str,
    texts: list[str],
    times: bool,  # noqa: FBT001
) -> None:
    """A draft in the layout of any file is read back as its turns."""
    typed = "\n".join(
        fill(line, column, subsequent_indent=indent) if column else line
        for line in layout.format(a=SENTENCE, b=f"{SENTENCE} and {SENTENCE}").split("\n")
    )
    source = typed.replace("\n", ending)
    result = with_rest(parse(source), texts)
    turns = drafted(result, ["Ann Lee", "Bo Ek", UNKNOWN], DraftOptions())
    document = apply(source, finished_edits(result, turns, FinishOptions(times=times)))
    human = [spoken_by(result.transcript, one) for one in result.transcript.utterances]

    assert read_again(parse(document), turn_of(turns[-1])) == [*human, *map(turn_of, turns)]
    assert set(regex.findall(r"\r\n|\r|\n", document)) == {ending if layout else "\n"}


MOVED = "We moved the whole forum from the old machine to the new one on a Sunday."
SPONSOR = "This week is brought to you by lantern racks the small server shelf for everybody."
PARCELS = "Three parcels and one grandmother waited outside in the cold rain for hours."
BEGUN = "<!-- Drafted by cuemark from 0:04 -->"


def finish(source: str, *sentences: str, fill_gaps: bool = False, times: bool = False, is_cut_off: bool = False) -> str:
    """Return the finished transcript of an episode in which Ann and Bo say these sentences in turn, 300 ms a word."""
    words, turns, at = list[HeardWord](), list[NamedTurn](), 0
    for k, sentence in enumerate(sentences):
        words += heard(sentence, at)
        turns.append(NamedTurn(Span(at, words[-1].span.end), ("Ann", "Bo")[k % 2]))
        at = words[-1].span.end + 400
    result = aligned(source, words)
    result = replace(result, audio=replace(result.audio, is_cut_off=is_cut_off))
    turns_drafted = draft(result, turns, DraftOptions(fill_gaps=fill_gaps))
    edits = finished_edits(result, turns_drafted, FinishOptions(times=times))
    assert apply(apply(source, edits), undo(source, edits)) == source
    return apply(source, edits)


@pytest.mark.parametrize(
    ("source", "finished"),
    [
        (f"**Ann**: {MOVED}\n\n<!-- Continue at 9:30! -->\n", f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (f"**Ann**: {MOVED}\n\n## 9:30\n\nWIP\n", f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (f"**Ann**: {MOVED}\n\nTODO 09:30", f"**Ann**: {MOVED}\n\n{BEGUN[:-8]}00:04 -->\n\n**Bo**: {PARCELS}"),
        (f"**Ann**: {MOVED} <!-- Continue at 9:30! -->\n", f"**Ann**: {MOVED} \n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (f"<!-- Continue at 9:30! -->\n\n**Ann**: {MOVED}\n", f"\n**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (f"**Ann**: {MOVED}", f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}"),
        (f"**Ann**: {MOVED}\n\n## Plugs\n", f"**Ann**: {MOVED}\n\n## Plugs\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (
            f"**Ann**: {MOVED}\n\n## Links\n\n* [a](b)\n",
            f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n\n## Links\n\n* [a](b)\n",
        ),
        (
            f"**Ann**: {MOVED}\n<!-- Continue at 9:30! -->\n## Plugs\n",
            f"**Ann**: {MOVED}\n{BEGUN}\n\n**Bo**: {PARCELS}\n\n## Plugs\n",
        ),
        (f"**Ann**: {MOVED}\n\n{BEGUN}\n", f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n"),
        (
            f"0:00 - **Ann**: {MOVED}\n",
            f"0:00 - **Ann**: {MOVED}\n\n{BEGUN}\n\n0:05 - **Bo**: {PARCELS}\n",
        ),
    ],
)  # fmt: skip
def test_the_rest_replaces_the_note(source: str, finished: str) -> None:
    """The rest replaces a note of any form, else it follows the speech; a second run changes nothing."""
    assert finish(source, MOVED, PARCELS) == finished
    assert finish(finished, MOVED, PARCELS) == finished


@pytest.mark.parametrize(
    ("source", "finished"),
    [
        (
            f"**Ann**: {MOVED}\n\n<!-- Continue at 9:30! -->\n",
            f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n\n<!-- Continue at 0:09! -->\n",
        ),
        (
            f"**Ann**: {MOVED}\n\n## 9:30 WIP\n\n[1]: https://example.org\n",
            f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n\n## 0:09 WIP\n\n[1]: https://example.org\n",
        ),
        (
            f"**Ann**: {MOVED}\n\n{BEGUN}\n",
            f"**Ann**: {MOVED}\n\n{BEGUN}\n\n**Bo**: {PARCELS}\n\n<!-- Continue at 0:09! -->\n",
        ),
    ],
)
def test_a_draft_of_an_incomplete_download_ends_with_a_note(source: str, finished: str) -> None:
    """The rest is still to be typed; with the whole recording it is drafted in the place of that note."""
    assert finish(source, MOVED, PARCELS, is_cut_off=True) == finished
    whole = finish(finished, MOVED, PARCELS, SPONSOR)
    assert "Continue at" not in whole
    assert "WIP" not in whole
    assert SPONSOR in whole


HOLE = f"<!-- Drafted by cuemark from 0:04 -->\n\n**Bo**: {SPONSOR}\n\n<!-- End of what cuemark drafted -->"


@pytest.mark.parametrize(
    ("source", "finished"),
    [
        (f"**Ann**: {MOVED}\n\n**Bo**: {PARCELS}\n", f"**Ann**: {MOVED}\n\n{HOLE}\n\n**Bo**: {PARCELS}\n"),
        (f"**Ann**: {MOVED} {PARCELS}\n", f"**Ann**: {MOVED} \n\n{HOLE}\n\n**Ann**: {PARCELS}\n"),
        (f"**Ann**: {MOVED}\n\n{PARCELS}\n", f"**Ann**: {MOVED}\n\n{HOLE}\n\n**Ann**: {PARCELS}\n"),
        (
            f"**Ann**: {MOVED}\n\n<!-- Continue at 9:30! -->\n\n**Bo**: {PARCELS}\n",
            f"**Ann**: {MOVED}\n\n{HOLE}\n\n**Bo**: {PARCELS}\n",
        ),
    ],
)
def test_holes_are_filled_where_they_are(source: str, finished: str) -> None:
    """A hole is filled between turns or sentences; comments show where the human's text continues."""
    begun = finished.replace("from 0:04", "from 0:05")

    assert finish(source, MOVED, SPONSOR, PARCELS, fill_gaps=True) == begun
    assert finish(begun, MOVED, SPONSOR, PARCELS, fill_gaps=True) == begun


def test_a_note_in_a_hole_stays_unless_the_hole_is_filled() -> None:
    """Without the option the note keeps its place and gets its time, and only the rest is drafted."""
    source = f"**Ann**: {MOVED}\n\n<!-- Continue at 9:30! -->\n\n**Bo**: {PARCELS}\n"

    assert finish(source, MOVED, SPONSOR, PARCELS) == source.replace("9:30", "0:04")


def test_a_complete_transcript_loses_its_note() -> None:
    """If nothing is left to draft, the note is removed; without a note nothing changes."""
    assert finish(f"**Ann**: {MOVED}\n\n<!-- Continue at 9:30! -->\n", MOVED) == f"**Ann**: {MOVED}\n"
    assert finish(f"**Ann**: {MOVED}\n", MOVED) == f"**Ann**: {MOVED}\n"


def test_a_text_without_labels_gets_none_if_speakers_are_unknown() -> None:
    """Prose continues as prose, unless the draft would begin like an editor's remark."""
    result = aligned(MOVED, heard(f"{MOVED} {PARCELS}"))
    remark = aligned(MOVED, heard(f"{MOVED} Note: {PARCELS}"))

    assert apply(MOVED, finished_edits(result, draft(result, (), DraftOptions()), FinishOptions())) == (
        f"{MOVED}\n\n{BEGUN}\n\n{PARCELS}"
    )
    assert apply(MOVED, finished_edits(remark, draft(remark, (), DraftOptions()), FinishOptions())) == (
        f"{MOVED}\n\n{BEGUN}\n\n****: Note: {PARCELS}"
    )


@given(
    st.lists(
        st.sampled_from(("今天我们喝茶。", "然后", "呃，", "二〇二四年", "API", "很好！")), min_size=1, max_size=60
    )
)
def test_a_language_without_spaces_is_read_again(texts: list[str]) -> None:
    """Chinese is written without spaces, and read back as the same words."""
    result = aligned("", heard(" ".join(["今天", "我们", "喝茶。", *texts])), language="zh")
    turns = draft(result, voices(("李雷", 2_000), ("Ann Lee", 6_000), ("李雷", 60_000)), DraftOptions())
    again = parse(apply("", finished_edits(result, turns, FinishOptions())), "zh")

    assert [spoken_by(again, one) for one in again.utterances] == list(map(turn_of, turns))


SYLLABLES = ("ka", "lo", "mi", "ner", "pu", "ras", "te", "vo", "zin", "du", "bel", "fa", "gri", "ho")
STORY = tuple(
    " ".join(
        ["So", *(SYLLABLES[k] + SYLLABLES[(k + n) % 14] + SYLLABLES[(3 * n + k) % 14] for n in range(12)), "it is."]
    )
    for k in range(14)
)
"""Sentences that share no distinctive word."""


@given(
    st.lists(st.sampled_from(("typed", "on a turn", "left out")), min_size=3, max_size=len(STORY)),
    st.sampled_from((" ", "\n", "\n ", "\n\n")),
    st.booleans(),
)
def test_holes_anywhere_lose_no_word(fates: list[str], between: str, times: bool) -> None:  # noqa: FBT001
    """Wherever passages were left out, the human's words stay in order, and a second run changes nothing."""
    source, names = "", ("Ann", "Bo")
    for k, (sentence, fate) in enumerate(zip(STORY, fates, strict=False)):
        if fate == "on a turn" and source:
            source += between + sentence
        elif fate != "left out":
            source += f"{chr(10) * 2 if source else ''}**{names[k % 2]}**: {sentence}"
    sentences = STORY[: len(fates)]
    finished = finish(source, *sentences, fill_gaps=True, times=times)
    words = iter([word.shown for word in parse(finished).words])

    assert all(word.shown in words for word in parse(source).words)
    assert finish(finished, *sentences, fill_gaps=True, times=times) == finished
