from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch.messages import Job, Plan, Refusal
from pipeline.batch.request import BatchRequest, request_episodes, task_of
from pipeline.episode.session import ShowKnowledge
from pipeline.matching.speakers.profile import VoiceBook

REQUEST = BatchRequest("show", "out", "out/downloads", ("md",))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """An episode with an audio file and a transcript."""
    audio, transcript = tmp_path / "a.mp3", tmp_path / "a.md"
    audio.write_bytes(b"sound")
    transcript.write_text("**Ann**: Hello.\n")
    return Job("a", str(audio), str(transcript))


def key(job: Job, request: BatchRequest = REQUEST) -> str:
    """The key of the only episode of a plan."""
    ((episode,), ()) = request_episodes(request, Plan((job,)))
    return episode.key


@pytest.mark.parametrize(
    "other",
    [
        Job("b", "a.mp3"),
        Job("a", "a.mp3", work="finish"),
        Job("a", "a.mp3", title="A"),
        Job("a", "a.mp3", tracks={"Ann": "ann.wav"}),
        Job("a", "a.mp3", options={"transcribe.language": "de"}),
    ],
)
def test_the_key_changes_with_what_results_depend_on(other: Job) -> None:
    """Another name, work, title, track or option is another key."""
    assert key(other) != key(Job("a", "a.mp3"))


@pytest.mark.parametrize(
    "other",
    [
        Job("a", "moved/a.mp3"),
        Job("a", "a.mp3", like="neighbour.md"),
        Job("a", "a.mp3", work="draft"),
        Job("a", "a.mp3", options={"transcribe.device": "cpu"}),
    ],
)
def test_the_key_stays_if_results_stay(other: Job) -> None:
    """A moved file, a neighbour's style, the work that ``auto`` means and the device do not change the key."""
    assert key(other) == key(Job("a", "a.mp3"))


@pytest.mark.parametrize(
    "request_", [replace(REQUEST, formats=("srt",)), replace(REQUEST, force=True), replace(REQUEST, voice_book="Show")]
)
def test_the_key_changes_with_the_request(request_: BatchRequest) -> None:
    """Other formats, ``--force`` and a voice book are another key."""
    assert key(Job("a", "a.mp3"), request_) != key(Job("a", "a.mp3"))


def test_a_touched_transcript_is_unchanged_and_a_touched_audio_is_not(job: Job, tmp_path: Path) -> None:
    """A transcript is compared by content, an audio file by size and time; a missing file is a fingerprint, too."""
    before = request_episodes(REQUEST, Plan((job,)))[0][0].files
    (tmp_path / "a.md").write_text("**Ann**: Hello.\n")
    (tmp_path / "a.mp3").write_bytes(b"other sound")
    after = request_episodes(REQUEST, Plan((job,)))[0][0].files
    (tmp_path / "a.mp3").unlink()
    missing = request_episodes(REQUEST, Plan((job,)))[0][0].files

    assert before["transcript"] == after["transcript"]
    assert before["audio"] != after["audio"]
    assert missing["audio"] == "cannot be read"


def test_settings_are_the_options_that_differ_from_the_defaults(job: Job) -> None:
    """An episode's own option replaces that of the command line, and defaults are left out."""
    request = replace(REQUEST, flags={"transcribe.model": "tiny.en", "transcribe.language": "en"})
    own = replace(job, options={"transcribe.language": "de"})
    (episode,), _ = request_episodes(request, Plan((own,)))

    assert episode.settings == {"transcribe.model": "tiny.en", "transcribe.language": "de"}
    assert (episode.config.transcribe.model, episode.config.transcribe.language) == ("tiny.en", "de")


def test_refusals_are_kept_and_skipped_ones_are_not(job: Job) -> None:
    """Invalid options are a refusal of this episode only; what the user skips is not reported."""
    invalid = Job("b", "b.mp3", options={"transcribe.device": "abacus"})
    found = (Refusal("c", "two texts"), Refusal("d", "skip it", skipped=True))
    episodes, refusals = request_episodes(REQUEST, Plan((job, invalid), found))

    assert [episode.job.name for episode in episodes] == ["a"]
    assert [refusal.name for refusal in refusals] == ["c", "b"]
    assert "transcribe.device has no choice" in refusals[1].reason


def test_the_requests_style_replaces_the_neighbours(job: Job) -> None:
    """With ``--like``, every episode follows that transcript."""
    own = replace(job, like="neighbour.md")
    (episode,), _ = request_episodes(replace(REQUEST, like="model.md"), Plan((own,)))

    assert episode.job.like == "model.md"


def test_a_task_has_the_voice_book_unless_there_are_tracks(job: Job) -> None:
    """Speakers' own recordings identify the speakers, so their task needs no voices."""
    show = ShowKnowledge(VoiceBook("Show"), ("kubectl",))
    tracks = replace(job, tracks={"Ann": job.audio})
    plain, multitrack = request_episodes(REQUEST, Plan((job, tracks)))[0]
    tasks = [task_of(REQUEST, episode, {"out/a.md": "00"}, show) for episode in (plain, multitrack)]

    assert [task.book for task in tasks] == [show.voices, None]
    assert {task.terms for task in tasks} == {("kubectl",)}
    assert tasks[0].written == {"out/a.md": "00"}
    assert tasks[0].formats == ("md",)
