"""What makes a notation a file's own, and what does not: short answers, lists, captions, phrases before a colon."""

from __future__ import annotations

import pytest

from pipeline.reading.labels import notation_evidence
from pipeline.reading.labels.name_shapes import NameShape, name_shape
from pipeline.reading.transcript import parse


def turns(source: str) -> list[tuple[str | None, int | None, str]]:
    """Return the speaker, the typed time in s, and the spoken text of each turn."""
    transcript = parse(source)
    return [
        (
            one.speaker,
            one.claim.at // 1000 if one.claim else None,
            " ".join(transcript.words[k].shown for k in one.words),
        )
        for one in transcript.utterances
    ]


def speakers(source: str) -> list[str | None]:
    """Return the speaker of each turn."""
    return [speaker for speaker, _, _ in turns(source)]


def test_names_are_judged_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many names that recur are looked at twice as often, however many they are."""
    looked_at: list[str] = []

    def counted(name: str) -> NameShape:
        looked_at.append(name)
        return name_shape(name)

    monkeypatch.setattr(notation_evidence, "name_shape", counted)
    counts = []
    for number in (50, 100):
        looked_at.clear()
        names = [chr(97 + k // 26) + chr(97 + k % 26) for k in range(number)]
        parse("".join(f"{name.capitalize()}xyz: One.\n\n" for name in names * 2))
        counts.append(len(looked_at))

    assert counts[1] <= 2.2 * counts[0]


def test_answers_of_one_word_are_no_labels() -> None:
    """Where labels are lines with a time, a short line without one is speech."""
    text = (
        "Ann Lee  0:03\nHello there.\n\nBob Ray  0:07\nYeah\n\nAnn Lee  0:12\nSo how?\n\n"
        "Bob Ray  0:15\nRight\n\nAnn Lee  0:20\nRight\n\nBob Ray  0:25\nYeah\n"
    )
    assert turns(text) == [
        ("Ann Lee", 3, "Hello there."), ("Bob Ray", 7, "Yeah"), ("Ann Lee", 12, "So how?"),
        ("Bob Ray", 15, "Right"), ("Ann Lee", 20, "Right"), ("Bob Ray", 25, "Yeah"),
    ]  # fmt: skip
    assert speakers("**Ann**: Ready?\n\nOK.\n\nNo.\n\nOh no.\n\n**Bob**: Right.\n\nOK.\n\nNo.\n") == ["Ann", "Bob"]


@pytest.mark.parametrize(
    "text",
    [
        "[00:03] 大家好欢迎收听\n[00:07] 今天谈蜜蜂\n[00:09] 还有蜂蜜\n[00:12] 你怎么开始\n",
        "[00:03] Hello There\n[00:07] Bees And Honey\n[00:09] Good Morning\n",
    ],
    ids=["chinese", "title case"],
)
def test_captions_of_short_lines_are_speech(text: str) -> None:
    """A label that has a line of its own has text below it; lines that all look like labels have none."""
    assert set(speakers(text)) == {None}
    assert len(parse(text).words) > 5


def test_a_name_in_place_of_a_number() -> None:
    """Where a program named some people by hand and left the others as numbers, both are labels."""
    text = "Speaker 1  0:03\nHello.\n\nSpeaker 2  0:07\nHi.\n\nSpeaker 1  0:09\nSo.\n\nAnn Lee  0:12\nYes.\n"
    assert speakers(text) == ["Speaker 1", "Speaker 2", "Speaker 1", "Ann Lee"]


def test_turns_of_many_paragraphs() -> None:
    """A full name that occurs once is a label also where few paragraphs begin with one."""
    part = "{}: one.\n\nMore of it.\n\nAnd more.\n\nAnd so on.\n\n"
    names = ["Ann", "Bob", "Ann", "Carl Weiss", "Bob", "Ann"]
    assert speakers("".join(part.format(name) for name in names)) == names


def test_phrases_that_recur_are_no_speakers() -> None:
    """A word of the language before a colon is none among plain paragraphs, among bold labels, or in a list."""
    plain = "Plain text of a question.\n\n" * 20
    assert set(speakers(f"{plain}Question: why?\n\n{plain}Question: what?\n")) == {None}
    assert speakers("**Ann**: One.\n\nQuestion: why?\n\n**Bob**: Two.\n\nQuestion: so?\n\n**Ann**: Three.\n") == [
        "Ann", "Bob", "Ann",
    ]  # fmt: skip
    assert speakers("**Ann**: These:\n\n- Honey: sweet\n- Wax: hard\n- Honey: again\n\n**Bob**: OK.\n") == [
        "Ann",
        "Bob",
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("A. Lee", "B. Ray"),
        ("Anna Lee", "Prof. Dr. Bernd von Müller"),
        ("Ann Lee", "Representative of the Bee Council"),
    ],
    ids=["initials", "titles", "an office"],
)
def test_long_and_short_names(names: tuple[str, str]) -> None:
    """Titles, particles and initials are parts of names."""
    assert speakers("".join(f"{name}: It is so.\n\n" for name in names * 2)) == [*names, *names]


def test_names_with_a_role_or_a_degree_before_a_time() -> None:
    """What is in brackets or after a comma belongs to the label."""
    text = (
        "Ann (Host)  0:03\nOne two.\n\nBo Ek, PhD  0:09\nThree.\n\nAnn (Host)  0:12\nFour.\n\nBo Ek, PhD  0:20\nFive.\n"
    )
    assert speakers(text) == ["Ann (Host)", "Bo Ek, PhD", "Ann (Host)", "Bo Ek, PhD"]


@pytest.mark.parametrize(
    "label",
    [
        "**{clock} {name}:** ", "**{name} {clock}:** ", "{name}: {clock} ", "**{name}** *{clock}*\n",
        "**{name}** · {clock}\n", "**{clock}** **{name}:** ", "*{clock}* **{name}:** ",
        "[{clock}](https://example.org/x) **{name}:** ",
        "{name} {clock} - 0:59\n",
    ],
)  # fmt: skip
def test_times_in_every_dress(label: str) -> None:
    """A time is the label's in bold, in emphasis, as a link, as a range, after the colon; it is never spoken."""
    names = ["Ann Lee", "Bob Ray", "Ann Lee", "Bob Ray"]
    text = "".join(label.format(name=name, clock=f"0:{k}3") + "So it is.\n\n" for k, name in enumerate(names))
    assert turns(text) == [(name, 10 * k + 3, "So it is.") for k, name in enumerate(names)]


def test_pasted_subtitles() -> None:
    """The numbers and times of cues are no speech, and the label after them is one."""
    cue = "{}\n00:00:0{}.000 --> 00:00:0{}.000\n{}: So it is.\n\n"
    names = ["Ann Lee", "Bob Ray", "Ann Lee"]
    text = "WEBVTT\n\n" + "".join(cue.format(k + 1, 2 * k, 2 * k + 1, name) for k, name in enumerate(names))
    assert turns(text) == [(name, 2 * k, "So it is.") for k, name in enumerate(names)]


def test_captions_that_are_pasted_as_one_line() -> None:
    """Chevrons within a line change the speaker too, with a name or without."""
    assert turns(">> ANN: One. >> BOB: Two. >> Three.\n>> BOB: Four.\n") == [
        ("ANN", None, "One."), ("BOB", None, "Two."), (None, None, "Three."), ("BOB", None, "Four."),
    ]  # fmt: skip
    assert speakers(">> One.\n\n>> Two.\n\n>> ANN: Three.\n") == [None, None, "ANN"]


def test_a_known_name_with_a_time_on_a_line_of_its_own() -> None:
    """Once the colon is forgotten there, the line is a label all the same."""
    assert turns("**Ann Lee**: One.\n\n**Bo Ek**: Two.\n\nAnn Lee 0:17\nThree.\n")[-1] == ("Ann Lee", 17, "Three.")


def test_nicknames_of_a_chat() -> None:
    """A nickname in angle brackets after a time is a label, though HTML would hide it."""
    assert turns("10:03 <ann> One\n\n10:04 <bob> Two\n\n10:05 <ann> Three\n\n10:06 <bob> Four\n") == [
        ("ann", 603, "One"), ("bob", 604, "Two"), ("ann", 605, "Three"), ("bob", 606, "Four"),
    ]  # fmt: skip


def test_the_head_of_a_file_is_no_speech() -> None:
    """Lines of keys above the first turn, with a title or a date among them, are in no turn."""
    text = "Title: The Show\nDate: 9 May\nGuest: Bob Ray\n\nAnn: One.\n\nBob: Two.\n\nAnn: Three.\n\nBob: Four.\n"
    assert speakers(text) == ["Ann", "Bob", "Ann", "Bob"]
