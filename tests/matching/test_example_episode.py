"""The example as a real engine heard it: what a naive alignment gets wrong is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.findings import list_findings, note_findings
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Finding, Hearing, TimedUtterance
from pipeline.times import Ms, Span, from_seconds
from tests.episodes.kept_hearing import EXAMPLE, TRUTH, kept_hearing

FAR_OFF_MS: Ms = 1_000
TYPED = (EXAMPLE / "07-the-slow-build.md").read_text(encoding="utf-8")
STARTS = [from_seconds(utterance["start"]) for utterance in TRUTH["utterances"]]
ENDS = [from_seconds(utterance["end"]) for utterance in TRUTH["utterances"]]
AlignedEpisode = tuple[tuple[TimedUtterance, ...], Continue, tuple[Finding, ...]]


def align_example(source: str, hearing: Hearing | None = None) -> AlignedEpisode:
    """Align a transcript with the example's hearing; return utterance times, continue point and findings."""
    hearing = hearing or kept_hearing()
    transcript = parse(source)
    alignment = align(transcript.words, hearing.words, AlignOptions())
    words, utterances = assign_times(transcript, hearing, alignment)
    point = find_continue_point(transcript, hearing, alignment, words, utterances)
    found = list_findings(transcript, hearing, alignment, words, utterances)
    return utterances, point, (*found, *note_findings(transcript, point))


def transcript_of(*kept: int) -> str:
    """Return the example's transcript with only some of its turns."""
    blocks = [TYPED[u.chars.start : u.chars.end] for u in parse(TYPED).utterances]
    return "\n\n".join(blocks[k] for k in kept) + "\n"


def start_error(timed: TimedUtterance, start: Ms) -> Ms:
    """Return the error of a start in ms; a very large one for a turn that was not found."""
    return abs(timed.span.start - start) if timed.span else 1_000_000


def test_every_turn_of_the_example_starts_when_it_is_said() -> None:
    """All are found; half of the starts are within 0.1 s, all within one second, also of the wrongly labelled turn."""
    utterances, _, _ = align_example(TYPED)

    offsets = [start_error(timed, start) for timed, start in zip(utterances, STARTS, strict=True)]
    assert max(offsets) < FAR_OFF_MS
    assert sorted(offsets)[len(offsets) // 2] < 100


def test_the_jingle_said_again_after_the_typing_stops_does_not_move_the_point() -> None:
    """It does not move it with all that is typed, nor with the jingle alone typed."""
    _, point, _ = align_example(TYPED)
    _, after_jingle, _ = align_example(transcript_of(0))

    assert point.at is not None
    assert abs(point.at - from_seconds(TRUTH["continue_at"])) < FAR_OFF_MS
    assert after_jingle.at is not None
    assert abs(after_jingle.at - ENDS[0]) < FAR_OFF_MS


def test_the_left_out_sponsor_and_the_untyped_rest_are_reported() -> None:
    """The two untyped passages are reported with their times."""
    _, _, findings = align_example(TYPED)

    passages = [finding.span for finding in findings if finding.kind == "untranscribed"]
    typed = {index: Span(start, end) for index, (start, end) in enumerate(zip(STARTS, ENDS, strict=True))}
    assert len(passages) == 2
    assert all(span is not None for span in passages)
    sponsor, rest = (span for span in passages if span is not None)
    assert typed[0].end <= sponsor.start + 500
    assert sponsor.end <= typed[1].start + 500
    assert sponsor.duration > 20_000
    assert rest.start >= ENDS[-1] - 500
    assert rest.duration > 60_000


def test_a_middle_third_left_out_moves_nothing_else() -> None:
    """The turns before and after it start when they are said, and the hole is reported."""
    third = len(STARTS) // 3
    kept = [*range(third), *range(2 * third, len(STARTS))]

    utterances, point, findings = align_example(transcript_of(*kept))

    sure = [(timed, STARTS[k]) for timed, k in zip(utterances, kept, strict=True) if timed.confidence >= 0.5]
    assert len(sure) >= len(kept) - 1
    assert all(start_error(timed, start) < FAR_OFF_MS for timed, start in sure)
    assert point.at is not None
    assert abs(point.at - ENDS[-1]) < FAR_OFF_MS
    holes = [finding.span for finding in findings if finding.kind == "untranscribed" and finding.span]
    assert any(abs(hole.start - ENDS[third - 1]) < 2_000 and hole.end < STARTS[2 * third] + 500 for hole in holes)


def test_a_transcript_ten_times_shorter_than_the_audio_is_placed() -> None:
    """The first three turns are found, and the point is their end."""
    utterances, point, findings = align_example(transcript_of(0, 1, 2))

    assert all(start_error(timed, start) < FAR_OFF_MS for timed, start in zip(utterances, STARTS[:3], strict=True))
    assert point.at is not None
    assert abs(point.at - ENDS[2]) < FAR_OFF_MS
    assert "wrong-audio" not in {finding.kind for finding in findings}


def test_a_transcript_twice_as_long_as_the_audio_is_placed() -> None:
    """What is in the audio is found, the rest is not confident, and the transcript is complete."""
    half = len(STARTS) // 2
    whole = kept_hearing()
    words = tuple(word for word in whole.words if word.span.end < ENDS[half] + 200)
    cut = replace(whole, words=words, duration=ENDS[half] + 300)

    utterances, point, findings = align_example(TYPED, cut)

    assert all(
        start_error(timed, start) < FAR_OFF_MS for timed, start in zip(utterances, STARTS[: half + 1], strict=False)
    )
    assert all(timed.confidence < 0.5 for timed in utterances[half + 1 :])
    assert point == Continue(None, complete=True)
    assert "wrong-audio" not in {finding.kind for finding in findings}


def test_the_same_sentence_by_two_people_is_timed_for_each() -> None:
    """Two turns of the same words have their own times, though the words are said a third time later."""
    repeated = [k for k, u in enumerate(parse(TYPED).utterances) if "That is what I thought too" in transcript_of(k)]

    utterances, _, _ = align_example(TYPED)

    assert len(repeated) == 2
    assert all(start_error(utterances[k], STARTS[k]) < 500 for k in repeated)


def test_a_transcript_of_another_episode_is_wrong_audio() -> None:
    """The same jingle and the same people do not make it the same episode."""
    other = Path(__file__).with_name("another_episode.md").read_text(encoding="utf-8")

    _, _, findings = align_example(other)

    assert findings[0].kind == "wrong-audio"
