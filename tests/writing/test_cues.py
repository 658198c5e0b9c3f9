from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given

from pipeline.schema import Finding, Result
from pipeline.times import Span
from pipeline.writing.cues import (
    MIN_VISIBLE_MS,
    PAUSE_BETWEEN_CUES_MS,
    Cue,
    CueOptions,
    _CueCutter,
    cut_cues,
    utterances_without_cues,
)
from pipeline.writing.line_breaks import break_wide_words, display_width, join_unbreakable
from pipeline.writing.shown_words import ShownWord, is_found, shown_words
from tests.factories import result
from tests.writing.strategies import cue_options, results

EPISODE = """\
    **Mikeal Rogers**: Hello, welcome to the show. We have got Daniel Shaw on the line,
     Matt Ranney on the line, and we got somebody on the background, checking out
     the levels. Alright, let's get started! [Laughter]

    **Daniel Shaw**: Okay.

    So there are plenty of new releases, if you are holding off on upgrading.
    """


def test_an_episode_is_cut_at_sentences_and_clauses() -> None:
    """Cues end where sentences and clauses end, and say where the speaker changes."""
    mikeal, daniel = "Mikeal Rogers", "Daniel Shaw"

    cues = cut_cues(result(EPISODE), CueOptions())

    assert [(cue.span, cue.lines, cue.speaker, cue.speaker_changes) for cue in cues] == [
        (
            Span(0, 3_817),
            ("Hello, welcome to the show.", "We have got Daniel Shaw on the line,"),
            mikeal,
            True,
        ),
        (
            Span(3_900, 7_417),
            ("Matt Ranney on the line,", "and we got somebody on the background,"),
            mikeal,
            False,
        ),
        (
            Span(7_500, 10_100),
            ("checking out the levels.", "Alright, let's get started!"),
            mikeal,
            False,
        ),
        (
            Span(10_700, 13_017),
            ("Okay.", "So there are plenty of new releases,"),
            daniel,
            True,
        ),
        (Span(13_100, 15_200), ("if you are holding off on upgrading.",), daniel, False),
    ]


def texts(cues: tuple[Cue, ...]) -> list[str]:
    """Return the text of each cue on one line."""
    return [" ".join(cue.lines) for cue in cues]


def test_a_long_pause_separates_two_cues() -> None:
    """The words after a long pause are displayed only when they are spoken."""
    made = result("**Ann**: and the winner is node\n", pauses={4: PAUSE_BETWEEN_CUES_MS})

    assert texts(cut_cues(made, CueOptions())) == ["and the winner is", "node"]


def test_untranscribed_speech_separates_two_cues() -> None:
    """No cue extends over a passage that is not transcribed."""
    hole = Finding("untranscribed", "10 words", 0, Span(1_250, 1_900), {"words": "…"})
    made = result("**Ann**: and the winner is node\n", pauses={4: 800})

    assert texts(cut_cues(made, CueOptions())) == ["and the winner is node"]
    assert texts(cut_cues(replace(made, findings=(hole,)), CueOptions())) == ["and the winner is", "node"]


def test_words_that_are_not_spoken_are_not_displayed() -> None:
    """A passage without a time is left out and separates the words around it."""
    made = result("**Ann**: one two three four five six\n", silent={2, 3})

    assert texts(cut_cues(made, CueOptions())) == ["one two", "five six"]


def test_utterances_that_were_not_found_are_left_out_and_reported() -> None:
    """An utterance below confidence 0.5 has no cues and is reported."""
    made = result("**Ann**: one\n\n**Bo**: two\n\n**Ann**: three\n", confidence={0: 0.0, 1: 0.49})

    assert texts(cut_cues(made, CueOptions())) == ["three"]
    assert utterances_without_cues(made) == (0, 1)


def test_a_short_cue_is_held_as_long_as_the_next_allows() -> None:
    """A word is held for a second in silence, and up to the gap before other speech."""
    made = result("**Ann**: Yes.\n\n**Bo**: No.\n\n**Ann**: Maybe.\n", starts={1: 5_000, 2: 5_600})

    assert [cue.span for cue in cut_cues(made, CueOptions())] == [
        Span(0, 1_000),
        Span(5_000, 5_517),
        Span(5_600, 6_600),
    ]


def test_fast_speech_is_held_half_a_second_at_most() -> None:
    """A cue that is spoken too fast to read is held, but not for long."""
    made = result("**Ann**: unbelievably extraordinary circumstances\n", word_ms=500)
    faster = result(
        "**Ann**: unbelievably extraordinary circumstances\n\n**Bo**: So.\n", word_ms=350, starts={1: 9_000}
    )

    assert [cue.span for cue in cut_cues(made, CueOptions())] == [Span(0, 2_000)]
    assert cut_cues(faster, CueOptions())[0].span == Span(0, 1_550)


def test_names_can_be_left_out() -> None:
    """No speaker is displayed if none is wanted."""
    cues = cut_cues(result("**Ann**: one\n\n**Bo**: two\n"), CueOptions(speaker_labels=False))

    assert [(cue.speaker, cue.speaker_changes) for cue in cues] == [(None, False), (None, False)]


def test_a_turn_of_crosstalk_has_no_cue() -> None:
    """A turn without words has no empty cue."""
    made = result("**Ann**: one\n\n**Bo**: [crosstalk]\n\n**Ann**: two\n")

    assert [(cue.lines, cue.speaker_changes) for cue in cut_cues(made, CueOptions())] == [
        (("one",), True),
        (("two",), False),
    ]


def test_the_name_is_repeated_only_where_the_speaker_changes() -> None:
    """The first cue of a speaker's turns is marked, not each cue."""
    made = result("**Ann**: one\n\n**Ann**: two\n\n**Bo**: three\n\n**Ann**: four\n")

    assert [cue.speaker_changes for cue in cut_cues(made, CueOptions())] == [True, False, True, True]


@pytest.mark.parametrize(
    "options",
    [
        {"max_line_width": 1},
        {"max_line_count": 0},
        {"min_duration_s": 8.0, "max_duration_s": 7.0},
        {"max_chars_per_second": 0.0},
        {"gap_s": -0.1},
    ],
)
def test_limits_that_nothing_can_meet_are_refused(options: dict[str, float]) -> None:
    """Options under which there are no subtitles are refused."""
    with pytest.raises(ValueError, match="subtitle"):
        CueOptions(**options)  # type: ignore[arg-type]


def shown_of(made: Result, options: CueOptions) -> list[tuple[str | None, tuple[ShownWord, ...]]]:
    """Return what must be displayed: each found utterance's speaker and words."""
    return [
        (
            utterance.speaker if options.speaker_labels else None,
            shown_words(made, utterance.index, keep_editorial=options.keep_editorial),
        )
        for utterance in made.transcript.utterances
        if is_found(made, utterance.index)
    ]


@given(results(), cue_options())
def test_every_word_is_displayed_once_and_in_order(made: Result, options: CueOptions) -> None:
    """Each word of each found utterance is displayed exactly once, under its speaker."""
    cues = cut_cues(made, options)
    expected = "".join(word.text for _, words in shown_of(made, options) for word in words)
    speakers = [speaker for speaker, words in shown_of(made, options) if words]

    assert "".join("".join(cue.lines) for cue in cues).replace(" ", "") == expected.replace(" ", "")
    assert _without_repeats(cue.speaker for cue in cues) == _without_repeats(speakers)


def _without_repeats(names: object) -> list[str | None]:
    kept: list[str | None] = []
    for name in names:  # type: ignore[attr-defined]
        if not kept or kept[-1] != name:
            kept.append(name)
    return kept


@given(results(), cue_options())
def test_cues_never_touch(made: Result, options: CueOptions) -> None:
    """Any two cues keep the gap, each is visible and none is too long."""
    cues = cut_cues(made, options)
    gap = options.limits("en", "srt").gap

    assert all(left.span.end + gap <= right.span.start for left, right in pairwise(cues))
    assert all(MIN_VISIBLE_MS <= cue.span.duration <= options.limits("en", "srt").max_duration for cue in cues)


@given(results(), cue_options())
def test_lines_fit_the_screen(made: Result, options: CueOptions) -> None:
    """Width and number of lines are within the limits, in columns."""
    for cue in cut_cues(made, options):
        assert 1 <= len(cue.lines) <= options.limits("en", "srt").count
        assert all(line and display_width(line) <= options.limits("en", "srt").width for line in cue.lines)


@given(results(), cue_options())
def test_cues_are_displayed_when_their_words_are_spoken(made: Result, options: CueOptions) -> None:
    """A cue begins with its first word, unless the cue before needed time, and ends soon after its last."""
    pieces = [
        piece
        for _, words in shown_of(made, options)
        for piece in break_wide_words(join_unbreakable(words), options.limits("en", "srt").width)
    ]
    limits = options.limits("en", "srt")
    earliest = 0
    for cue in cut_cues(made, options):
        spoken = _take(pieces, cue)
        assert cue.span.start == max(spoken.start, earliest)
        assert cue.span.end <= max(spoken.end + limits.max_hold, cue.span.start + limits.min_duration)
        earliest = cue.span.end + options.limits("en", "srt").gap


def _take(pieces: list[ShownWord], cue: Cue) -> Span:
    """Return the span of the words of the next cue, and remove them from the list."""
    left = len("".join(cue.lines).replace(" ", ""))
    first = pieces[0].span
    last = first
    while left > 0:
        piece = pieces.pop(0)
        left -= len(piece.text)
        last = piece.span
    return first.cover(last)


@given(shown=results(), options=cue_options())
def test_the_cuts_are_the_cheapest(shown: Result, options: CueOptions) -> None:
    """As if the whole cost of every cue that fits were computed, and of equal ones the earliest cut taken."""
    limits = options.limits("en", "srt")
    for utterance in shown.transcript.utterances:
        displayed = shown_words(shown, utterance.index, keep_editorial=True)
        words = tuple(break_wide_words(join_unbreakable(displayed), limits.width))
        if not words:
            continue
        cutter = _CueCutter(words, "Ann: ", words[-1].span.end + 500, limits, english=True)
        best = [(0.0, [0])]
        for end in range(1, len(words) + 1):
            ways = [
                (best[start][0] + (cutter._text_cost(start, end) + cutter._speed_cost(start, end)), start)
                for start in range(end)
                if end <= cutter._furthest_end(start)
            ]
            cost, start = min(ways)
            best.append((cost, [*best[start][1], end]))

        assert cutter.bounds() == best[-1][1]
