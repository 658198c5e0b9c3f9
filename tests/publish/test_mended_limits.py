"""Limits are kept where no word has to move to another cue; everything else stays."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.caption_file import CaptionCue, parse_captions
from pipeline.publish.mended_limits import mend_limits
from pipeline.publish.platforms import RuleKind
from pipeline.publish.rule_checks import LIMIT_KINDS, find_violations
from pipeline.times import Ms
from pipeline.writing.presets import PRESETS, Limits

LIMITS = PRESETS["video"]["srt"]
"""42 columns, two lines, 834 ms to 7 s, 84 ms between, 20 columns a second."""


def cue(start: Ms, end: Ms, *text: str) -> CaptionCue:
    """A cue of a file that has nothing else."""
    return CaptionCue(1, None, start, end, True, "", text, tuple(range(2, 2 + len(text))), 0)  # noqa: FBT003 -- by place


def mended(*cues: CaptionCue, limits: Limits = LIMITS, kinds: frozenset[RuleKind] = LIMIT_KINDS) -> list[CaptionCue]:
    """Cues that keep what they can."""
    return mend_limits(cues, limits, kinds, "srt")


WIDE = "and so we went on to look at the old orchard behind the house"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ((WIDE,), ("and so we went on to look", "at the old orchard behind the house")),
        (("one", "two", "three"), ("one two three",)),
        ((f"<i>{WIDE}</i>",), ("<i>and so we went on to look", "at the old orchard behind the house</i>")),
        (
            (f'<font color="red">{WIDE}</font>',),
            ('<font color="red">and so we went on to look', "at the old orchard behind the house</font>"),
        ),
        ((WIDE, "- No."), (WIDE, "- No.")),  # another speaker's line
        ((WIDE, "Bob: No."), (WIDE, "Bob: No.")),
        ((f"{WIDE} {WIDE}",), (f"{WIDE} {WIDE}",)),  # three lines
        (("x" * 43,), ("x" * 43,)),  # one word
        (("今日は" * 8, "天気が" * 3), ("今日は" * 8, "天気が" * 3)),  # no space to break at
        (("short", "enough"), ("short", "enough")),
    ],
)
def test_lines(text: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """A cue that is too wide or has too many lines is broken again between its words, if that helps."""
    assert [one.text for one in mended(cue(0, 5_000, *text))] == [expected]


@pytest.mark.parametrize(
    ("first", "second", "ends"),
    [
        ((0, 500), 5_000, 834),  # too short
        ((0, 500), 600, 516),  # as much as there is room for, though it is still too short
        ((0, 500), 800, 716),
        ((0, 2_000), 2_010, 1_926),  # the gap
        ((0, 880), 890, 880),  # the gap would make it too short
        ((0, 2_000), 2_000, 1_916),  # no gap at all
        ((0, 3_000), 2_500, 3_000),  # an overlap is another rule's
        ((0, 9_000), 20_000, 9_000),  # too long: when its words are said is not known
    ],
)
def test_times(first: tuple[Ms, Ms], second: Ms, ends: Ms) -> None:
    """A cue ends later where there is room, and earlier by the gap; its start stays."""
    made = mended(cue(*first, "Hello"), cue(second, second + 2_000, "there"))

    assert [(one.start, one.end) for one in made] == [(first[0], ends), (second, second + 2_000)]


def test_a_cue_is_shown_until_it_is_read() -> None:
    """40 columns are read in 2 s; the last cue has nothing after it."""
    assert mended(cue(0, 1_000, "x" * 40))[0].end == 2_000
    assert mended(cue(0, 1_000, "x" * 40), kinds=frozenset({"too-short"}))[0].end == 1_000


WORDS = st.lists(
    st.sampled_from(["a", "tree", "<i>now</i>", "orchard,", "Bob:", "- so", "日本", "x" * 50]), max_size=24
)


@st.composite
def cue_lists(draw: st.DrawFn) -> list[CaptionCue]:
    """Draw cues in the order of their starts, with any ends and lines."""
    starts = sorted(draw(st.lists(st.integers(0, 30_000), max_size=6, unique=True)))
    cues: list[CaptionCue] = []
    for start in starts:
        words = draw(WORDS)
        size = draw(st.integers(1, 12))
        text = [" ".join(words[k : k + size]) for k in range(0, len(words), size)] or ["so"]
        cues.append(cue(start, start + draw(st.integers(1, 12_000)), *text))
    return cues


@given(cue_lists())
def test_laws(cues: list[CaptionCue]) -> None:
    """The words of each cue and its start stay, no new overlap comes up, and doing it again changes nothing."""
    made = mended(*cues)

    assert mended(*made) == made
    assert [(one.start, " ".join(one.text).split()) for one in made] == [
        (one.start, " ".join(one.text).split()) for one in cues
    ]
    for (one, two), (old, _) in zip(pairwise(made), pairwise(cues), strict=True):
        assert one.end <= max(two.start, old.end)


def test_a_violation_says_whether_it_is_mended() -> None:
    """Of two cues that are too wide, one can be broken again, and the other one cannot."""
    text = f"1\n00:00:01,000 --> 00:00:05,000\n{WIDE}\n\n2\n00:00:06,000 --> 00:00:09,000\n{'x' * 43}\n"

    assert [(one.line, one.kind, one.fixable) for one in find_violations(parse_captions(text, "srt"), "netflix")] == [
        (3, "line-width", True),
        (7, "line-width", False),
    ]
