from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.typed_times import (
    corrected_claims,
    covered_claims,
    typed_time_findings,
)
from pipeline.reading.transcript import parse
from pipeline.schema import Finding, Result
from pipeline.times import MS_PER_SECOND, ClockStyle, Ms, format_clock, parse_clock
from pipeline.writing.markdown import MarkdownOptions, render_markdown, timed_edits
from tests.factories import result

TURN_S = 20


def show(times: Sequence[str]) -> str:
    """Return a transcript with one turn for each typed time; an empty one is a turn without a time."""
    return "\n\n".join(f"{at} - **Ann**: so it is" if at else "**Ann**: so it is" for at in times) + "\n"


def spoken(times: Sequence[str], unsure: Sequence[int] = (), starts: Sequence[Ms] | None = None) -> Result:
    """Return the result of such a transcript, with a turn each 20 s from 1:40 on, where no others are given."""
    starts = starts or [MS_PER_SECOND * (100 + TURN_S * k) for k in range(len(times))]
    made = result(show(times), starts=dict(enumerate(starts)), confidence=dict.fromkeys(unsure, 0.4))
    return replace(made, hearing=replace(made.hearing, duration=starts[-1] + 10_000))


def clocks(by: Sequence[float]) -> list[str]:
    """Return the times of turns each 20 s from 1:40 on, each typed so many seconds early."""
    return [format_clock(round(MS_PER_SECOND * (100 + TURN_S * k - s))) for k, s in enumerate(by)]


def findings(made: Result) -> list[Finding]:
    """Return the findings about typed times."""
    return list(typed_time_findings(made.transcript, made.words, made.utterances))


def summary(made: Result) -> list[tuple[str, int | None, Mapping[str, object]]]:
    """Return kind, utterance and fields of each finding."""
    return [(one.kind, one.utterance, one.details) for one in findings(made)]


def corrected(made: Result) -> list[str]:
    """Return the typed times after they were corrected, as they are written."""
    written = render_markdown(made, MarkdownOptions(fix_times=True))
    return [line.split(" - ")[0] for line in written.splitlines() if " - " in line]


def test_a_step_is_one_finding_with_its_place() -> None:
    """From one typed time on, everything is later: an advert was put in."""
    made = spoken(clocks([0, 0, 0, 31.5, 31.5, 31.5]))

    assert summary(made) == [("time-offset", 3, {"from": 128.0, "until": None, "by": 32.0})]
    (found,) = findings(made)
    assert found.message == "from 2:08 on, the typed times are 32.0 s early; --fix-times corrects them"
    assert found.span is not None
    assert (found.span.start, found.span.end) == (160_000, 160_000)


def test_each_step_says_until_where_it_holds() -> None:
    """Two adverts are two findings, and none says that the times after a cut are right again."""
    made = spoken(clocks([10] * 4 + [40] * 4 + [0] * 4))

    assert [one.message for one in findings(made)] == [
        "from 1:30 until 2:20, the typed times are 10.0 s early; --fix-times corrects them",
        "from 2:20 until 4:20, the typed times are 40.0 s early; --fix-times corrects them",
    ]
    assert corrected(made) == clocks([0] * 12)


@given(
    st.lists(st.tuples(st.integers(5, 18), st.integers(5, 600)), min_size=1, max_size=5),
    st.integers(0, 15),
    st.randoms(use_true_random=False),
)
def test_several_adverts_in_a_long_transcript(plan: list[tuple[int, int]], cut: int, draw: Random) -> None:
    """One finding for each step, none of a hundred drifts, and typed turns of a part that was removed are none."""
    by, turn = [0.0] * 100, 0
    for more, seconds in plan:
        turn += more
        if not 47 <= turn < 53 + cut:  # two times between two steps are single drifts
            by[turn:] = [one + seconds for one in by[turn:]]
    typed = [TURN_S * k for k in range(100)]
    starts = [round(MS_PER_SECOND * (TURN_S * k + one + draw.random())) for k, one in enumerate(by)]
    lost = range(50, 50 + cut)  # nobody says these, and what follows is as much earlier
    starts = [at - TURN_S * cut * MS_PER_SECOND * (k >= lost.stop) for k, at in enumerate(starts)]
    lost_starts = [starts[lost.start - 1] + 1 if k in lost else at for k, at in enumerate(starts)]
    made = spoken([format_clock(MS_PER_SECOND * at) for at in typed], unsure=lost, starts=lost_starts)
    known = [
        (at - MS_PER_SECOND * one, k) for k, (at, one) in enumerate(zip(starts, typed, strict=True)) if k not in lost
    ]
    steps = sum(abs(one - other) >= 4_000 for (one, _), (other, _) in pairwise(known))

    kinds = Counter(one.kind for one in findings(made))
    assert kinds["time-drift"] == 0
    assert steps - 1 <= kinds["time-offset"] <= steps + 1


def test_times_typed_late_are_said_so() -> None:
    """A passage that was cut out is a negative amount."""
    made = spoken(clocks([0] * 3 + [-15] * 3))

    assert summary(made) == [("time-offset", 3, {"from": 175.0, "until": None, "by": -15.0})]
    assert "15.0 s late" in findings(made)[0].message


def test_a_drift_is_one_finding_with_its_rate() -> None:
    """A copy that plays 4 % faster was typed: the offset grows, and the rate is 1 / 0.96."""
    made = spoken(clocks([0.04 * (100 + TURN_S * k) for k in range(20)]))
    ((kind, utterance, details),) = summary(made)

    assert (kind, utterance, details["from"], details["until"]) == ("time-offset", 0, 96.0, None)
    assert abs(float(str(details["by"])) - 4) < 1
    assert abs(float(str(details["rate"])) - 1 / 0.96) < 0.003
    assert findings(made)[0].message.startswith("from 1:36 on, the typed times run slow: 4.")
    assert corrected(made) == clocks([0] * 20)


def test_a_drift_may_begin_in_the_middle() -> None:
    """The times before it are right; it is one finding, from where it shows, and all are corrected."""
    made = spoken(clocks([0] * 10 + [0.04 * TURN_S * k for k in range(20)]))
    ((kind, utterance, details),) = summary(made)

    assert kind == "time-offset"
    assert utterance in range(11, 14)  # the first times are less than 2 s off
    assert details["until"] is None
    assert abs(float(str(details["rate"])) - 1 / 0.96) < 0.003
    moved = [parse_clock(one) for one in corrected(made)]
    assert all(abs(at - MS_PER_SECOND * (100 + TURN_S * k)) < 2 * MS_PER_SECOND for k, at in enumerate(moved))


def test_a_single_wrong_time_stays_a_finding_of_its_own() -> None:
    """A time that differs from those around it is reported with what was measured, and corrected by that."""
    made = spoken(clocks([0, 0, 0, 31, 31, 60, 31, 31]))

    assert [(kind, utterance) for kind, utterance, _ in summary(made)] == [("time-offset", 3), ("time-drift", 5)]
    assert corrected(made) == clocks([0] * 8)


def test_a_right_time_among_wrong_ones_is_no_finding_and_stays() -> None:
    """A time that somebody has corrected already is left as it is."""
    made = spoken(clocks([31, 31, 31, 0, 31, 31]))

    assert [kind for kind, *_ in summary(made)] == ["time-offset"]
    assert corrected(made) == clocks([0] * 6)


def test_times_that_were_not_measured_are_moved_with_the_others() -> None:
    """A turn that was not surely found has the same error as those around it, also before the first sure one."""
    made = spoken(clocks([30] * 8), unsure=[0, 4, 7])

    assert summary(made)[0][2] == {"from": 70.0, "until": None, "by": 30.0}
    assert corrected(made) == clocks([0] * 8)


def test_a_time_that_was_not_measured_is_moved_by_the_rate() -> None:
    """It gets what the line through the others says."""
    early = [0.04 * (100 + TURN_S * k) for k in range(20)]
    made = spoken(clocks(early), unsure=[12])

    moved = parse_clock(corrected(made)[12])
    assert abs(moved - MS_PER_SECOND * (100 + TURN_S * 12)) <= MS_PER_SECOND


def test_a_time_without_a_place_in_the_recording_stays() -> None:
    """A passage that was cut out has no time: moved with the others it would be before what was said before it."""
    times = ["1:40", "2:00", "2:20", "2:40", "2:50", "3:10", "3:30", "3:50"]
    starts = [100_000, 120_000, 140_000, 150_000, 160_000, 160_000, 180_000, 200_000]
    made = spoken(times, unsure=[3, 4], starts=starts)

    assert corrected(made) == ["1:40", "2:00", "2:20", "2:40", "2:50", "2:40", "3:00", "3:20"]


def test_a_time_after_the_end_of_the_recording_stays() -> None:
    """It belongs to what this recording does not have."""
    made = spoken([*clocks([-30] * 5), "59:00"], unsure=[5])

    assert corrected(made)[-1] == "59:00"


def test_two_times_that_were_not_measured_move_nothing() -> None:
    """Only sure times are evidence."""
    made = spoken(clocks([30, 30, 30, 30]), unsure=[2, 3])

    assert [kind for kind, *_ in summary(made)] == ["time-drift"] * 2
    assert corrected(made) == [*clocks([0, 0]), *clocks([30] * 4)[2:]]


def test_times_of_a_later_part_are_moved_by_its_zero() -> None:
    """Where the clock starts again, a turn that was not surely found gets the recording's time like the others."""
    times = [*clocks([0] * 8), *(format_clock(MS_PER_SECOND * TURN_S * k) for k in range(8))]
    made = spoken(times, unsure=[10])

    assert summary(made) == []
    assert corrected(made) == clocks([0] * 16)


def test_a_step_in_a_later_part_counts_from_its_own_clock() -> None:
    """What is off is compared with the zero of the part that most of its times agree on."""
    times = [*clocks([0] * 8), *(format_clock(MS_PER_SECOND * TURN_S * k) for k in range(8))]
    times[13:] = [format_clock(MS_PER_SECOND * (TURN_S * k - 9)) for k in range(5, 8)]
    made = spoken(times)

    assert summary(made) == [("time-offset", 13, {"from": 91.0, "until": None, "by": 9.0})]
    assert corrected(made) == clocks([0] * 16)


def test_the_times_that_a_finding_covers() -> None:
    """Each finding covers its own typed times alone."""
    made = spoken(clocks([10] * 4 + [40] * 4))
    covered = [covered_claims(one, made.transcript, made.words, made.utterances) for one in findings(made)]

    assert [[claim.at for claim in claims] for claims in covered] == [
        [claim.at for claim in made.transcript.claims[:4]],
        [claim.at for claim in made.transcript.claims[4:]],
    ]
    assert covered_claims(Finding("time-offset", "other"), made.transcript, made.words, made.utterances) == ()


STYLES = (ClockStyle(), ClockStyle("always", 2), ClockStyle("always", 2, 2), ClockStyle(width=2, decimals=1))


@st.composite
def shifted_shows(draw: st.DrawFn) -> Result:
    """Draw a transcript of another cut or copy of the recording, with single errors and turns that are not sure."""
    gaps = draw(st.lists(st.integers(4_000, 60_000), min_size=4, max_size=24))
    starts = list(accumulate(gaps, initial=draw(st.integers(600_000, 4_000_000))))
    rate = draw(st.sampled_from((1.0, 1.0, 0.96, 1.003, 1.09)))
    steps = draw(st.dictionaries(st.integers(0, len(starts)), st.integers(-90_000, 90_000), max_size=3))
    shifts = list(accumulate(steps.get(k, 0) for k in range(len(starts))))
    errors = draw(st.dictionaries(st.integers(0, len(starts)), st.integers(-99_000, 99_000), max_size=3))
    style = draw(st.sampled_from(STYLES))
    times = [
        format_clock(max(0, round((at - shift) / rate) + errors.get(k, 0)), style)
        for k, (at, shift) in enumerate(zip(starts, shifts, strict=True))
    ]
    return spoken(times, draw(st.lists(st.integers(0, len(starts) - 1), max_size=4)), starts)


@given(shifted_shows())
def test_corrected_times_need_no_second_correction(made: Result) -> None:
    """After one run nothing about typed times is found or changed, and all that was measured is right."""
    options = MarkdownOptions(fix_times=True)
    again = replace(made, transcript=parse(render_markdown(made, options)))

    assert findings(again) == []
    assert timed_edits(again, options) == ()
    assert list(corrected_claims(again.transcript, again.words, again.utterances, again.hearing.duration)) == []
    assert all(
        abs(claim.at - span.start) < 2 * MS_PER_SECOND
        for claim in again.transcript.claims
        if (timed := again.utterances[claim.word // 3]).is_sure and (span := timed.span) is not None
    )


@given(shifted_shows())
def test_every_time_that_is_off_is_found(made: Result) -> None:
    """Each measured time that is off by 2 s is a finding of its own, or covered by one of several."""
    found = findings(made)
    covered = [
        claim.chars
        for one in found
        if one.kind == "time-offset"
        for claim in covered_claims(one, made.transcript, made.words, made.utterances)
    ]
    alone = {one.utterance for one in found if one.kind == "time-drift"}

    for claim, utterance in zip(made.transcript.claims, made.transcript.utterances, strict=True):
        span, is_sure = made.utterances[utterance.index].span, made.utterances[utterance.index].is_sure
        if is_sure and span is not None and abs(span.start - claim.at) >= 2 * MS_PER_SECOND:
            assert claim.chars in covered or utterance.index in alone
