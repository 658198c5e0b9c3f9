"""The labels of whole files, in each of the notations that other programs and archives use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.edits import apply
from pipeline.reading.transcript import parse
from pipeline.schema import Chars, Edit, Transcript
from pipeline.times import format_clock

NAMES = ("Hanna Weir", "Otto Lind", "Hanna Weir", "Willa Brandt", "Hanna Weir", "Otto Lind")
SAID = ("good evening to all", "the soft one, I hope", "is it true", "every month of the year", "so be it", "and so on")
CAPITALS = tuple(name.upper() for name in NAMES)
ENDS = tuple(name.split()[-1].upper() for name in NAMES)

NOTATIONS = {
    "bold": "**{name}**: {said}\n\n",
    "bold with blanks inside": "** {name}: ** {said}\n\n",
    "bold, then a time (Otter)": "**{name}** {clock}\n{said}\n\n",
    "bold, a time, and the text": "**{name}**  {clock} {said}\n\n",
    "bold after a time, no colon": "[{long}] **{name}** {said}\n\n",
    "a time in the bold": "**{name}:[{long}]** {said}\n\n",
    "bold, alone on its line": "**{name}**\n\n{said}\n\n",
    "plain": "{name}: {said}\n\n",
    "plain, a turn for each line": "{name}: {said}\n",
    "a chat log": "{long} {name}: {said}\n",
    "a dash and a time before the colon": "{name} – {long}:\n{said}\n\n",
    "Rev": "{name} ({clock}):\n{said}\n\n",
    "Teams": "{name} {clock}\n\n{said}\n\n",
    "HappyScribe": "[{long}.100] - {name}\n{said}\n\n",
    "Trint": "{name} [{long}] {said}\n\n",
    "in square brackets": "[{name}]: {said}\n\n",
    "in square brackets with a time": "[{name}] ({clock}): {said}\n\n",
    "in angle brackets": "<{name}> {said}\n\n",
    "a voice of WebVTT": "{long} <v {name}>{said}\n",
    "in quotation marks": '"{name}": {said}\n\n',
    "a link": "[{name}](https://example.org/x): {said}\n\n",
    "captions": ">> {upper}: {said}\n",
    "captions without a blank": ">>{upper}: {said}\n",
    "captions without a blank, in paragraphs": ">>{name}: {said}\n\n",
    "a heading": "### {name}\n\n{said}\n\n",
    "a dash": "{name} - {said}\n\n",
    "a full-width colon": "{name}：{said}\n\n",
    "a mark of direction": "\u200f{name}\u200f: {said}\n\n",
    "a quotation": "> {name}: {said}\n\n",
    "in square brackets, no colon": "[{name}] {said}\n\n",
    "in square brackets after a time, no colon": "[{long}] [{name}] {said}\n",
    "in square brackets before a time, no colon": "[{name}] [{clock}] {said}\n\n",
    "HTML's bold": "<b>{name}:</b> {said}\n\n",
    "HTML's bold after a time": "[{long}] <b>{name}</b>: {said}\n\n",
    "HTML's strong": "<strong>{name}</strong>: {said}\n\n",
    "HTML's strong with a time in it": "<strong>{name} ({clock}):</strong> {said}\n\n",
    "emphasis": "*{name}:* {said}\n\n",
    "emphasis, the colon outside": "*{name}*: {said}\n\n",
    "emphasis by underscores": "_{name}:_ {said}\n\n",
    "emphasis after a time": "[{long}] *{name}:* {said}\n\n",
    "emphasis with a time in it": "_{name} ({clock}):_ {said}\n\n",
    "a bullet": "• {name}: {said}\n",
    "a bullet and a time": "• [{long}] {name}: {said}\n",
    "an en dash as a bullet": "– {name}: {said}\n\n",
    "an em dash as a bullet": "— {name}: {said}\n",
    "an em dash as a bullet, and a time": "— {name} ({clock}): {said}\n",
    "a role after a dash": "{name} – Host: {said}\n\n",
    "a role after a hyphen": "{name} - Host: {said}\n\n",
    "a role after a dash, and a time": "{name} – Host ({clock}): {said}\n\n",
    "a time, and a role after a dash": "[{long}] {name} – Host: {said}\n\n",
}


def written(notation: str, names: tuple[str, ...] = NAMES) -> str:
    """Return a transcript with one turn for each name, in one notation; turn k starts at 10·k seconds."""
    return "".join(
        notation.format(
            name=name, upper=name.upper(), said=said, clock=format_clock(10_000 * k), long=f"00:{k // 6:02d}:{k % 6}0"
        )
        for k, (name, said) in enumerate(zip(names, SAID, strict=True))
    )


def speakers(source: str) -> list[str | None]:
    """Return the speaker of each turn."""
    return [one.speaker for one in parse(source).utterances]


def said(transcript: Transcript) -> list[str]:
    """Return the spoken text of each turn."""
    return [" ".join(transcript.words[k].shown for k in one.words) for one in transcript.utterances]


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
def test_each_notation_is_read(notation: str) -> None:
    """Every turn has its speaker, also the one whose name occurs once; no label and no time is spoken."""
    transcript = parse(written(notation))

    assert [one.speaker for one in transcript.utterances] == list(CAPITALS if "{upper}" in notation else NAMES)
    assert said(transcript) == list(SAID)
    has_times = "{clock}" in notation or "{long}" in notation
    times = [None if one.claim is None else one.claim.at // 1000 for one in transcript.utterances]
    assert times == ([0, 10, 20, 30, 40, 50] if has_times else [None] * len(SAID))


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
def test_the_times_that_are_written_are_read_again(notation: str) -> None:
    """A time put where the file's own notation has it, is that turn's time, and all else is read as before."""
    before = parse(written(notation))
    places = [one.time_at for one in before.utterances if one.claim is None]
    edits = [Edit(Chars(at, at), f"0:{k + 10} - ") for k, at in enumerate(places) if at is not None]
    after = parse(apply(before.source, edits))

    assert [one.speaker for one in after.utterances] == [one.speaker for one in before.utterances]
    assert said(after) == said(before)
    assert all(one.claim is not None for one in after.utterances)


@given(st.lists(st.sampled_from(NAMES), min_size=6, max_size=6), st.sampled_from(sorted(NOTATIONS)))
def test_turns_drafted_in_bold_take_no_label_away(names: list[str], notation: str) -> None:
    """What is drafted at the end has bold labels; every label that is read without it is read with it too."""
    source = written(NOTATIONS[notation], tuple(names))
    draft = "".join(f"**{name}**: something else\n\nand more of it\n\n" for name in NAMES)

    alone, both = (
        {(one.label, one.speaker) for one in parse(text).utterances if one.label}
        for text in (source, f"{source}\n{draft}")
    )
    assert alone <= both


def test_a_name_without_marks_needs_others_like_it() -> None:
    """In speech without labels neither a phrase before a colon nor a line of one name is a label."""
    text = (
        "We met Otto Lind.\n\nOtto Lind\n\nStar Wars: a review.\n\nSo: here we are.\n\nIt was late.\n\n**So** it was.\n"
    )

    assert set(speakers(text)) == {None}


def test_speakers_are_known_by_a_role_a_number_or_a_letter() -> None:
    """``Speaker 0``, ``SPEAKER_00``, ``Audience`` and ``Q`` stand for people."""
    assert speakers("[SPEAKER_00]: One.\n[SPEAKER_01]: Two.\n") == ["SPEAKER_00", "SPEAKER_01"]
    assert speakers("Speaker 0\nOne two.\n\nSpeaker 1\nThree.\n\nSpeaker 0\nFour.\n") == [
        "Speaker 0", "Speaker 1", "Speaker 0",
    ]  # fmt: skip
    assert speakers("Q. One?\nA. Two.\nQ. Three?\nA. Four.\n") == ["Q", "A", "Q", "A"]
    assert speakers("Ann Lee: One?\n\n[Audience]: Two.\n\nAnn Lee: Three?\n\n[Audience]: Four.\n") == [
        "Ann Lee", "Audience", "Ann Lee", "Audience",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[Laughter] So it is.\n\n[Music] And on.\n\n[Laughter] Well.\n\n[Music] And so on.\n",
        "[Ann] came in.\n\nWe met there.\n\nIt was late.\n\n[Bo] sat down.\n\nSo.\n\n[Ann] left.\n\nThe end.\n",
        "[And] so it is.\n\n[The] bees.\n\nIt was late.\n\n[And] so on.\n\nSo.\n\nWe left.\n",
        "[1] So it is.\n\n[2] And on.\n\n[1] Well.\n",
        "— Hola, dijo.\n\n— Entonces: vamos.\n\n— Hola, otra vez.\n\n— Entonces: no.\n\n— Es entonces: sí.\n",
        "— Bonjour, dit-elle.\n\n— Alors : oui.\n\n— Et alors, quoi ?\n\n— Alors : non.\n",
    ],
    ids=["sounds", "names that an editor inserts", "words that an editor inserts", "numbers", "Spanish", "French"],
)
def test_brackets_and_dashes_of_speech_are_no_labels(text: str) -> None:
    """An editor's brackets, and the dashes of a dialogue without names, say nothing about who speaks."""
    transcript = parse(text)
    assert {one.speaker for one in transcript.utterances} == {None}
    assert transcript.doubtful == ()


def test_remarks_among_labels_in_square_brackets() -> None:
    """Where brackets are the labels, sounds and remarks in brackets stay a part of the turn."""
    text = "[Ann] One.\n\n[Bob] Two.\n\n[Laughter] And more.\n\n[Ann] Three [sic] of it.\n\n[Bob] Four.\n"
    assert speakers(text) == ["Ann", "Bob", "Ann", "Bob"]
    transcript = parse(text)
    assert [word.kind for word in transcript.words if "[" in word.text] == ["editorial"] * 2
    assert speakers("**Ann**: One.\n\n[Ann] and Bob left.\n\n**Bob**: Two.\n") == ["Ann", "Bob"]
    assert parse("**Ann**: One.\n\n[Ann] and Bob left.\n\n**Bob**: Two.\n").doubtful == ()


def test_speakers_of_a_program_in_square_brackets() -> None:
    """Numbered speakers are labels without a colon too, also if only one of them speaks."""
    text = "[0:00 - 0:04] [SPEAKER_00] One.\n[0:04 - 0:09] [SPEAKER_01] Two.\n"
    assert speakers(text) == ["SPEAKER_00", "SPEAKER_01"]
    assert speakers("[SPEAKER_00] One.\n\n[SPEAKER_00] Two.\n") == ["SPEAKER_00", "SPEAKER_00"]


def test_a_role_after_a_dash_is_no_part_of_the_name() -> None:
    """One person has labels with and without a role; in a file whose labels end in a dash the role is text."""
    text = "Ann Lee – Host: One.\n\nBob Ray - Lead Gardener: Two.\n\nAnn Lee: Three.\n\nBob Ray: Four.\n"
    assert speakers(text) == ["Ann Lee", "Bob Ray", "Ann Lee", "Bob Ray"]
    dashes = "Ann Lee - Well: it is so.\n\nBob Ray - It is.\n\nAnn Lee - So we go.\n\nBob Ray - We do.\n"
    assert said(parse(dashes)) == ["Well: it is so.", "It is.", "So we go.", "We do."]
    assert speakers("Ann Lee: One.\n\nAnn Lee – as she said: two.\n\nBob Ray: Three.\n\nBob Ray: Four.\n") == [
        "Ann Lee", "Bob Ray", "Bob Ray",
    ]  # fmt: skip


def test_chevrons_without_a_name_are_turns_of_unknown_speakers() -> None:
    """``>>`` alone marks a change of speaker."""
    assert speakers(">> One two.\n\n>> Three.\n\n>> Four.\n") == [None] * 3
    assert said(parse(">> One two.\n>> Three.\n")) == ["One two.", "Three."]
    assert said(parse("One.\n\n> > Two.\n")) == ["One.", "Two."]  # a quotation in a quotation


def test_a_broadcast_names_people_in_full_first() -> None:
    """A role after a comma is no part of the name; later the last name is enough."""
    text = "HANNA WEIR, KETTLE ANCHOR: One.\n\nOTTO LIND, BYLINE: Two.\n\nWEIR: Three.\n\nLIND (voice-over): Four.\n"

    assert speakers(text) == ["HANNA WEIR", "OTTO LIND", "WEIR", "LIND (voice-over)"]


def test_several_people_and_all_of_them() -> None:
    """Joint labels are labels where the file's others are written so."""
    text = "Ann: One.\n\nBob: Two.\n\nAnn and Bob: Three.\n\nAll: Four.\n\nAnn: Five.\n\nBob: Six.\n"

    assert speakers(text) == ["Ann", "Bob", "Ann and Bob", "All", "Ann", "Bob"]
    text = "AL: One.\n\nBR: Two.\n\nAL/BR: Three.\n\nAL: Four.\n\nBR: Five.\n\nAL/TLDR: Six.\n"
    assert speakers(text) == ["AL", "BR", "AL/BR", "AL", "BR"]


def test_one_label_above_a_monologue() -> None:
    """One full name before a colon at the beginning names who speaks; further below it is a phrase."""
    assert speakers("Hanna Weir: One.\n\nTwo.\n\nThree.\n") == ["Hanna Weir"]
    assert speakers("[0:00] Hanna: One.\n\n[0:09] Two.\n") == ["Hanna"]
    assert speakers("One.\n\nTwo.\n\nGreen Tea: three.\n") == [None] * 3


def test_initials_and_a_word_of_the_language() -> None:
    """Initials that occur once are a label among initials; a capitalized word that the text has too is none."""
    text = "AL: We have a plan.\n\nBR: Which one?\n\nAL: This one.\n\nCS: It leaks.\n\nPlan: to mend it.\n\nBR: Yes.\n"

    assert speakers(text) == ["AL", "BR", "AL", "CS", "BR"]
    ann = "Ann: The result is here.\n\nBob: So.\n\nAnn: Yes.\n\nResult: none.\n\nBob: Well.\n"
    assert speakers(ann) == ["Ann", "Bob", "Ann", "Bob"]


def test_a_voice_of_webvtt_is_a_label_whatever_its_name() -> None:
    """A tag says that it is one, so a name that is typed wrongly is a label too."""
    assert speakers("0:01 <v Ann Lee>One.\n\n0:04 <v Bob lannone>Two.\n") == ["Ann Lee", "Bob lannone"]


def test_names_in_lower_case() -> None:
    """A nickname that is no word of the text is a name; a recurring phrase is not."""
    assert speakers("tux42: One.\n\nbob: Two.\n\ntux42: Three.\n\nbob: Four.\n") == ["tux42", "bob", "tux42", "bob"]
    text = "**Ann**: One.\n\nand he said: two\n\n**Bob**: Three.\n\nand he said: four\n"
    assert speakers(text) == ["Ann", "Bob"]


def test_headings_that_recur_are_no_labels_among_labels() -> None:
    """``## Conclusion`` of each part is a heading where the turns have labels of their own."""
    part = "## Conclusion\n\nAnn: One.\n\nBob: Two.\n\n## Summary\n\nAnn: Three.\n\n"

    assert set(speakers(part * 3)) == {"Ann", "Bob"}


def test_a_line_of_its_own_with_a_time_is_the_next_labels_time() -> None:
    """The time above a label is its turn's; above text without a label it is the next word's."""
    source = (
        "[00:00:05]\n**Ann**: One.\n\n[00:00:34]\n\n**Bob**: Two.\n[00:01:12]\n**Ann**: Three.\n\n[00:02:00]\n\nFour.\n"
    )
    transcript = parse(source)

    assert [one.claim.at // 1000 for one in transcript.utterances if one.claim] == [5, 34, 72]
    assert (transcript.claims[-1].at, transcript.words[transcript.claims[-1].word].shown) == (120_000, "Four.")
    assert said(transcript) == ["One.", "Two.", "Three. Four."]


def test_times_that_lead_lines_are_typed_times() -> None:
    """Where lines begin with rising times without brackets these are claims; a single one may be spoken."""
    lines = "00:00:00 One two.\n\n00:00:04 Three.\n\n00:00:09 Four\n00:00:12 five.\n"
    transcript = parse(lines)

    assert said(transcript) == ["One two.", "Three.", "Four five."]
    assert [claim.at for claim in transcript.claims] == [0, 4000, 9000, 12000]
    assert said(parse("One.\n\nTwo.\n\nThree.\n\n00:00:09 Four.\n\nFive.\n")) == [
        "One.",
        "Two.",
        "Three.",
        "Four.",
        "Five.",
    ]
    assert said(parse("It was late.\n\n9:30 is late for tea.\n\nYes.\n"))[1] == "9:30 is late for tea."
    assert said(parse("Ann: 4:57, a check.\n\nBob: 9:30 is late.\n\nAnn: 3:1 was it.\n")) == [
        "4:57, a check.", "9:30 is late.", "3:1 was it.",
    ]  # fmt: skip


@pytest.mark.parametrize("between", [" ", "\n", "\n\n"], ids=["before the text", "a line", "a paragraph"])
@pytest.mark.parametrize("typed", ["`[00:00:04]`", "`00:00:04`", "```[0:04]```", "**[00:00:04]**", "_00:00:04_"])
def test_times_in_marks_without_a_label(typed: str, between: str) -> None:
    """A time in marks of code or emphasis is the time of the words after it, and is not spoken."""
    transcript = parse(f"One two.\n\n{typed}{between}Three.\n\nAnd so on.\n")

    assert said(transcript) == ["One two.", "Three.", "And so on."]
    assert [(claim.at, transcript.words[claim.word].shown) for claim in transcript.claims] == [(4_000, "Three.")]
    assert said(parse("It was late.\n\n**9:30** is late for tea.\n"))[1] == "9:30 is late for tea."
    assert said(parse("The list\n`[0:10]` of it, and `a[0:10]` too.\n")) == ["The list [0:10] of it, and a[0:10] too."]


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("[00:55:49 ]", 3_349_000), ("[00.56.43]", 3_403_000), ("[00:57 :22]", 3_442_000), ("[0:03 - 0:10]", 3_000),
        ("[00:00:04,500]", 4_500), ("\\[0:03–0:10\\]", 3_000), ("(0:03 --> 0:10)", 3_000),
    ],
)  # fmt: skip
def test_odd_times_in_brackets(typed: str, at: int) -> None:
    """Blanks, dots and ranges in the brackets of a time are read, before a label and in the text."""
    transcript = parse(f"{typed} **Ann**: One {typed} two.\n")

    assert [claim.at for claim in transcript.claims] == [at, at]
    assert said(transcript) == ["One two."]


def test_doubtful_lines_are_kept_for_the_report() -> None:
    """What looks like a label and is read as text is kept with its place."""
    source = "**Ann Lee**: One.\n\n**Bob Ray** two.\n\n**Bob Ray**: Three.\n"
    transcript = parse(source)

    assert [source[chars.start : chars.end] for chars in transcript.doubtful] == ["**Bob Ray**"]
    assert parse(source.replace("** two", "**: two")).doubtful == ()
