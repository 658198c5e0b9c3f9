from __future__ import annotations

import re

import pytest
from hypothesis import given

from pipeline.writing.exports.plain_text import TextOptions, render_maxqda, render_text
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn
from tests.writing.exports.turn_samples import hostile_turns, turn

TURNS = (turn("Ann Lee", "yes it is", 3_661_250), turn(None, "no", 5_000))


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (TextOptions(), ["[01:01:01] Ann Lee: yes it is", "[00:00:05] no"]),
        (TextOptions(times=False), ["Ann Lee: yes it is", "no"]),
        (
            TextOptions(line="{start} - {end} **{speaker}** {text}"),
            ["01:01:01 - 01:01:02 **Ann Lee** yes it is", "00:00:05 - 00:00:05 no"],
        ),
        (TextOptions(line="<{speaker}>\t{text}"), ["<Ann Lee>\tyes it is", "\tno"]),
        (TextOptions(line="{text} ({speaker}, {start})", times=False), ["yes it is (Ann Lee, ", "no "]),
        (TextOptions(line="just this"), ["just this", "just this"]),
    ],
)
def test_each_turn_has_a_line_of_the_users_form(options: TextOptions, lines: list[str]) -> None:
    """Fields stand for what was said; one without a value takes what touches it with it."""
    assert render_text(TURNS, options).splitlines() == lines


@pytest.mark.parametrize("line", ["{name}: {text}", "{text.__class__}", "{}", "{0}"])
def test_an_unknown_field_is_refused(line: str) -> None:
    """The message names the field and those that there are; no attribute of a value is a field."""
    field = re.escape(line.partition("}")[0] + "}")
    with pytest.raises(ValueError, match=f"no field {field}; there are {{start}}, {{end}}, {{speaker}}, {{text}}$"):
        TextOptions(line=line)


@given(hostile_turns())
def test_a_text_is_never_read_as_the_form_of_a_line(turns: tuple[ShownTurn, ...]) -> None:
    """Braces that somebody typed stay as they are, and each turn is one line."""
    assert render_text(turns, TextOptions(line="{text} {speaker}", times=False)).split("\n")[:-1] == [
        f"{line_text(one.words)} {one.speaker or ''}" for one in turns
    ]


def test_maxqda_has_the_time_at_once_before_the_name() -> None:
    """No space and no sign is around the time, and a blank line is between two turns."""
    assert render_maxqda(TURNS) == "01:01:01.2Ann Lee: yes it is\n\n00:00:05.0no\n\n"


@given(hostile_turns())
def test_maxqda_finds_the_names(turns: tuple[ShownTurn, ...]) -> None:
    """What precedes the first colon after the time is a name of 63 characters at most."""
    paragraphs = render_maxqda(turns).split("\n\n")[:-1]

    assert len(paragraphs) == len(turns)
    for paragraph, one in zip(paragraphs, turns, strict=True):
        _, rest = paragraph[:10], paragraph[10:]
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d", paragraph[:10])
        if one.speaker:
            name, colon, text = rest.partition(":")
            assert (len(name) <= 63, colon, text) == (True, ":", f" {line_text(one.words)}")
            assert one.speaker.replace(":", "").startswith(name)
