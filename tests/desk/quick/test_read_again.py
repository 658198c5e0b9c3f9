"""Reading a passage again gives what reading the whole text gives, for edits that leave its frame alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.quick.read_again import read_again
from pipeline.reading.transcript import parse, parse_file
from pipeline.schema import Chars, Transcript
from tests.episodes.kept_hearing import TRANSCRIPT

SOURCES = (
    TRANSCRIPT.read_text(encoding="utf-8"),
    "# 3: Tea\n\n* Panel\n\n" + "".join(
        f"**{name}:**\n\nThis is turn number {n} of a long talk.\n\nIt has a second paragraph, number {n}.\n\n"
        for n, name in enumerate(["Ann", "Bo", "Ann", "Cy", "Bo", "Ann"])
    ) + "<!-- Continue at 9:30! -->\n",
    "".join(f"{name}: We said {n} things today.\nAnd one more line {n}.\n" for n, name in enumerate(["ANN", "BO"] * 6)),
    "\n\n".join(f"Only a paragraph, number {n}, without any label." for n in range(9)),
    "0:00 - **Ann**: One.\n\n"
    + "\n\n".join(f"A paragraph of her long talk, {n}." for n in range(12))
    + "\n\n**Bo**: No.",
    "".join(
        f"**{name}** 0:{n}0:\n\n## Part {n}\n\nBelow heading number {n}.\n\nAnd so is this, number {n}.\n\n"
        for n, name in enumerate(["Ann", "Bo"] * 3)
    ),
)  # fmt: skip
TYPED = (
    "",
    "word",
    " two words",
    "x",
    "\n\n",
    "\n\n**Bo**: ",
    "**Ann**: yes.\n\n",
    ". New sentence",
    "[Laughter] ",
    "\n",
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Chars, str]:
    """Draw a source, a range in it, and what is typed there."""
    source = draw(st.sampled_from(SOURCES))
    start = draw(st.integers(0, len(source)))
    end = min(len(source), start + draw(st.sampled_from((0, 0, 1, 5, 40, 200))))
    return source, Chars(start, end), draw(st.sampled_from(TYPED))


@given(edits())
def test_words_are_those_of_the_text(drawn: tuple[str, Chars, str]) -> None:
    """After any edit, words and utterances are consistent with the new text, in order and tiling."""
    source, chars, typed = drawn
    old, reading = parse_file(source)
    text = source[: chars.start] + typed + source[chars.end :]

    read = read_again(old, text, chars, reading)

    new = read.transcript
    assert new.source == text
    assert all(text[word.chars.start : word.chars.end] == word.text for word in new.words)
    assert [k for one in new.utterances for k in one.words] == list(range(len(new.words)))
    assert all(new.words[k].utterance == one.index for one in new.utterances for k in one.words)
    assert [one.index for one in new.utterances] == list(range(len(new.utterances)))
    assert [word.text for word in new.words[: read.new.start]] == [word.text for word in old.words[: read.old.start]]
    assert [word.text for word in new.words[read.new.end :]] == [word.text for word in old.words[read.old.end :]]
    assert all(0 <= one.word < len(new.words) for one in new.claims)


@given(edits().filter(lambda drawn: "#" not in drawn[2] and drawn[2] in {"word", " two words", "x", ". New sentence"}))
def test_typing_is_read_as_in_the_whole(drawn: tuple[str, Chars, str]) -> None:
    """Words typed inside of a paragraph are read as in the whole text: the same words, turns, labels and notes."""
    source, chars, typed = drawn
    old, reading = parse_file(source)
    places = [word.chars for word in old.words if word.kind == "spoken" and word.text.isalpha()]
    at = min(places, key=lambda one: abs(one.start - chars.start))
    text = source[: at.end] + typed + source[at.end :]

    new = read_again(old, text, Chars(at.end, at.end), reading).transcript

    assert seen(new) == seen(parse(text))


def seen(transcript: Transcript) -> tuple[object, ...]:
    """What reading finds, but for what a whole file's evidence decides."""
    return (
        transcript.words,
        [(one.label, one.speaker, one.section, one.chars, one.words, one.claim) for one in transcript.utterances],
        transcript.sections,
        transcript.notes,
        transcript.claims,
        transcript.panel,
        transcript.title,
    )
