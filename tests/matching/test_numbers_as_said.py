"""Numbers, sums, dates and addresses: written in signs, heard in words, and timed as all else."""

from __future__ import annotations

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Ms
from tests.factories import heard
from tests.matching.word_lists import make_hearing

TURNS = (
    ("Ann", "The lamp cost £12.40 on June 2nd, 2017, about 30% more than the $8 we paid in 1996.",
     ("the lamp cost twelve pounds forty on june second twenty seventeen about thirty percent more than the eight "
      "dollars we paid in nineteen ninety six")),
    ("Bob", "Ask bob.ray@example.org, or look at www.example.org/lamp before 4:30 p.m.",
     "ask bob dot ray at example dot org or look at w w w dot example dot org slash lamp before four thirty p m"),
    ("Ann", "It scored 3.8, and then 1,750,000 people called 555-0142.",
     ("it scored three point eight and then one million seven hundred fifty thousand people called five five five oh "
      "one four two")),
    ("Bob", "Chapter IX, §5, costs ½ of #14, and C++ is in v3.0.2.",
     "chapter nine section five costs half of number fourteen and c plus plus is in version three point oh point two"),
    ("Ann", "At −7°, the fans of the 70s and 90s said 24/7, it was 12 km/h.",
     ("at minus seven degrees the fans of the seventies and nineties said twenty four seven it was twelve kilometers "
      "per hour")),
    ("Bob", "$52,000, 2/3 of it for the 3rd rake, and that is all.",
     "fifty two thousand dollars two thirds of it for the third rake and that is all"),
)  # fmt: skip
WORD_MS, PAUSE_MS = 350, 700


def written(number: int) -> str:
    """The transcript of the first turns."""
    return "\n\n".join(f"**{name}**: {text}" for name, text, _ in TURNS[:number]) + "\n"


def said(misheard: str = "") -> tuple[Hearing, list[tuple[Ms, Ms]]]:
    """All turns as they are heard, and the start and the end of each.

    Args:
        misheard: what is heard in place of the last four words of the third turn, after a pause within the number.
    """
    words: list[HeardWord] = []
    spans: list[tuple[Ms, Ms]] = []
    at = 500
    for k, (_, _, text) in enumerate(TURNS):
        spoken, start = text.split(), at
        kept = spoken[:-4] if misheard and k == 2 else spoken
        words += heard(" ".join(kept), at, at + WORD_MS * len(kept))
        at += WORD_MS * len(kept)
        if kept != spoken:
            at += 300
            words += heard(misheard, at, at + 4 * WORD_MS)
            at += 4 * WORD_MS
        spans.append((start, at))
        at += PAUSE_MS
    return make_hearing(words), spans


def test_every_word_is_timed_and_turns_start_when_they_are_said() -> None:
    """No sign is left without a time, and no turn starts a sixth of a second off."""
    transcript, (hearing, spans) = parse(written(len(TURNS))), said()
    words, utterances = assign_times(transcript, hearing, align(transcript.words, hearing.words, AlignOptions()))

    assert [transcript.words[k].shown for k, word in enumerate(words) if word.span is None] == []
    starts = [one.span.start if one.span else -1 for one in utterances]
    assert [abs(start - right) <= 170 for start, (right, _) in zip(starts, spans, strict=True)] == [True] * len(TURNS)


def test_the_note_comes_after_a_number_with_a_pause() -> None:
    """Where only three turns are typed, and the end of a telephone number is misheard, the note is at its end."""
    transcript, (hearing, spans) = parse(written(3)), said(misheard="M9, M.")
    alignment = align(transcript.words, hearing.words, AlignOptions())
    words, utterances = assign_times(transcript, hearing, alignment)
    point = find_continue_point(transcript, hearing, alignment, words, utterances)

    assert not point.complete
    assert point.at is not None
    assert abs(point.at - spans[2][1]) <= 1_000
