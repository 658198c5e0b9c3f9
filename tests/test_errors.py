"""Every error is one line that names its subject, survives a process boundary, and has a truthful exit status."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pipeline import errors
from pipeline.errors import (
    AudioError,
    BatchSourceError,
    ClusterError,
    ConfigError,
    DeskError,
    EngineError,
    FeedError,
    JournalError,
    LedgerError,
    LostWorkerError,
    NoSpeechError,
    NothingFoundError,
    NoWorkerError,
    OtherRecordingError,
    OtherWordsError,
    OutputError,
    PipelineError,
    PlaceError,
    TranscriptError,
    VoiceBookError,
    WeightsError,
    WrongAudioError,
)

EXAMPLES: list[tuple[PipelineError, str]] = [
    (AudioError(Path("a.mp3"), "is empty", "record it again"), "a.mp3: is empty; record it again"),
    (AudioError(Path("https:/example.org/a.mp3"), "is an address"), "https://example.org/a.mp3: is an address"),
    (NoSpeechError(Path("a.mp3")), "a.mp3: no speech found; is this the episode's audio?"),
    (TranscriptError(Path("a.md"), "is not UTF-8", 7), "a.md, line 7: is not UTF-8"),
    (TranscriptError(Path("a.md"), "is missing"), "a.md: is missing"),
    (WeightsError("base", "is damaged"), "model base: is damaged"),
    (EngineError("whisper", "failed"), "whisper: failed"),
    (OutputError(Path("a.srt"), "was changed"), "a.srt: was changed"),
    (LedgerError(Path("b.sqlite"), "is damaged"), "b.sqlite: the ledger of the batch is damaged"),
    (PlaceError("s3://a/b", "is missing"), "s3://a/b: is missing"),
    (ClusterError("local", "is gone"), "cluster local: is gone"),
    (VoiceBookError(Path("a.voices"), "is damaged"), "a.voices: is damaged"),
    (JournalError(Path("a.journal"), "cannot be read"), "a.journal: the journal cannot be read"),
    (DeskError("--port 80", "cannot be used"), "--port 80: cannot be used"),
    (
        OtherRecordingError(Path("a.mp3"), Path("b.mp3")),
        (
            "b.mp3: has too little of the sound of a.mp3 to be another cut of it; "
            "if it is the same episode, align it with the transcript instead"
        ),
    ),
    (
        OtherWordsError(Path("a.srt"), Path("b.mp3")),
        "b.mp3: too few of the words of a.srt are said in it; give the audio that the times are of with --from",
    ),
    (WrongAudioError("a.md: another episode"), "a.md: another episode; --force aligns them anyway"),
    (
        NothingFoundError("a.md", 7),
        ("a.md: none of the written words (7) was found in the audio; is it this episode's? --force goes on anyway"),
    ),
    (FeedError("https://example.org", "is no feed"), "https://example.org: is no feed"),
    (BatchSourceError("show", "has no audio in it"), "show: has no audio in it"),
    (ConfigError("--model", "is unknown"), "--model: is unknown"),
]


@pytest.mark.parametrize(("error", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_error_is_one_line(error: PipelineError, line: str) -> None:
    """The text of an error names its subject and its reason in one line."""
    assert str(error) == line
    assert "\n" not in line


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES], ids=str)
def test_an_error_survives_the_way_from_another_process(error: PipelineError) -> None:
    """Its kind, its line and its attributes are the same."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 -- made here

    assert (type(copy), str(copy), copy.args, vars(copy)) == (type(error), str(error), error.args, vars(error))


@pytest.mark.parametrize("error", [LostWorkerError(3), NoWorkerError(OSError("no memory"))], ids=str)
def test_an_error_of_a_worker_says_what_to_do_or_why(error: PipelineError) -> None:
    """The errors without a subject say what helps, or what the system said."""
    assert "--workers" in str(error) or "no memory" in str(error)


def test_only_a_wrong_command_line_or_configuration_is_two() -> None:
    """The exit status is 2 for ``ConfigError``, and 1 for every other error."""
    leaves = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, PipelineError)]

    assert {one.__name__: one.exit_status for one in leaves if one.exit_status != 1} == {"ConfigError": 2}
    assert {type(error) for error, _ in EXAMPLES} >= {*leaves} - {PipelineError, LostWorkerError, NoWorkerError}
