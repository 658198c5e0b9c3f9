"""The contract of the embedded pipeline, with its real models and the example's audio."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.listening.diarize import (
    DIARIZERS,
    Diarizer,
    embedded,
    heard_settings,
    load_diarizer,
    locate_pipeline,
)
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES_FILE
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step, silent
from pipeline.schema import Diarization
from pipeline.times import Span, from_seconds
from tests.listening.conftest import EXAMPLE, MakeSound, write_sound
from tests.listening.planted import Planted, saved

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))
ANY = SpeakerCount()

Samples = npt.NDArray[np.float32]
Diarize = Callable[..., Diarization]


@pytest.fixture(scope="module")
def weights() -> Weights:
    """The two models, from the user's cache or from their source."""
    return locate_pipeline(DiarizeOptions(), WeightsOptions(), silent)


@pytest.fixture(scope="module")
def diarizer(weights: Weights) -> Diarizer:
    """The pipeline with its default options."""
    return load_diarizer(DiarizeOptions(device="cpu"), weights)


@pytest.fixture
def diarize(diarizer: Diarizer, make_sound: MakeSound) -> Diarize:
    """A function that diarizes samples."""

    def run(samples: Samples, speakers: SpeakerCount = ANY) -> Diarization:
        return diarizer.diarize(open_recording(make_sound("sound.wav", samples[None])), speakers, silent)

    return run


@pytest.fixture(scope="module")
def example() -> Samples:
    """All of the example's audio."""
    recording = open_recording(EXAMPLE)
    return recording.read(Span(0, recording.duration)).samples


def sentences(example: Samples, speaker: str, seconds: float) -> Samples:
    """The speech of one person in the example, up to a length, without the pauses between sentences."""
    spoken = [one for one in TRUTH["sentences"] if one["speaker"] == speaker]
    parts = [example[round(one["start"] * RATE) : round(one["end"] * RATE)] for one in spoken]
    return np.concatenate(parts)[: round(seconds * RATE)]


def pause(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE), np.float32)


@pytest.fixture(scope="module")
def recording(example: Samples, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The first minute and a half of the example, in which all four speak."""
    folder = tmp_path_factory.mktemp("excerpt")
    return open_recording(write_sound(folder / "excerpt.wav", example[None, : 90 * RATE]))


@pytest.fixture(scope="module")
def excerpt(diarizer: Diarizer, recording: Recording) -> Diarization:
    """The diarization of the excerpt."""
    return diarizer.diarize(recording, ANY, silent)


# --- turns and samples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_samples", [0, 1, 399])
def test_audio_below_one_frame_has_no_embedding(diarizer: Diarizer, example: Samples, num_samples: int) -> None:
    """Audio shorter than 25 ms has zeros as its embedding, and the others have the same one as without it."""
    assert isinstance(diarizer, PyannoteDiarizer)
    assert diarizer.embed is not None
    longer = sentences(example, TRUTH["sentences"][0]["speaker"], 2.0)

    embeddings = diarizer.embed([longer[:num_samples], longer])

    assert not embeddings[0].any()
    np.testing.assert_array_equal(embeddings[1:], diarizer.embed([longer]))


def test_turns_are_in_order_within_the_audio(excerpt: Diarization, recording: Recording) -> None:
    """Turns are ordered, not empty and within the audio, and those of one voice do not overlap."""
    spans = [turn.span for turn in excerpt.turns]

    assert spans == sorted(spans)
    assert all(span.duration for span in spans)
    assert spans[-1].end <= recording.duration
    for voice in {turn.voice for turn in excerpt.turns}:
        own = [turn.span for turn in excerpt.turns if turn.voice == voice]
        assert all(one.end <= other.start for one, other in pairwise(own))


def test_samples_are_embeddings_of_the_voices(excerpt: Diarization, recording: Recording) -> None:
    """Each sample has an embedding of length 1 and 192 numbers, a span in the audio, and a voice with turns."""
    embeddings = np.array([np.frombuffer(sample.embedding, "<f4") for sample in excerpt.samples])
    spans = [span for sample in excerpt.samples for span in sample.spans]

    assert embeddings.shape == (len(excerpt.samples), 192)
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert [sample.spans for sample in excerpt.samples] == sorted(sample.spans for sample in excerpt.samples)
    assert all(0 <= span.start < span.end <= recording.duration for span in spans)
    assert {sample.voice for sample in excerpt.samples} <= {turn.voice for turn in excerpt.turns}


def test_samples_of_one_person_are_similar(excerpt: Diarization) -> None:
    """For 85 % of the samples, the nearest one of another time is of the same person."""

    def speaker(span: Span) -> str:
        overlaps = [(span.overlap(Span(*(from_seconds(one[edge]) for edge in ("start", "end")))), one["speaker"])
                    for one in TRUTH["sentences"]]  # fmt: skip
        return str(max(overlaps)[1])

    clear = [sample for sample in excerpt.samples if len({speaker(span) for span in sample.spans}) == 1]
    embeddings = np.array([np.frombuffer(sample.embedding, "<f4") for sample in clear])
    right = 0
    for sample, vector in zip(clear, embeddings, strict=True):
        no_overlap = [not any(one.overlap(other) for one in sample.spans for other in each.spans) for each in clear]
        nearest = clear[int(np.argmax(np.where(no_overlap, embeddings @ vector, -2)))]
        right += speaker(nearest.spans[0]) == speaker(sample.spans[0])

    assert len(clear) > 15
    assert right >= 0.85 * len(clear)


def test_speech_is_found_where_people_speak(excerpt: Diarization) -> None:
    """More than 80 % of the sentences (including pauses) are in turns, and no turn overlaps the jingle."""
    within = Span(0, 90_000)
    spoken = [Span(from_seconds(one["start"]), from_seconds(one["end"])).clip(within) for one in TRUTH["sentences"]]
    found = sum(min(span.duration, sum(turn.span.overlap(span) for turn in excerpt.turns)) for span in spoken)
    jingle = Span(from_seconds(TRUTH["jingles"][0]["start"]), from_seconds(TRUTH["jingles"][0]["end"]))

    assert found > 0.8 * sum(span.duration for span in spoken)
    assert not any(turn.span.overlap(jingle) for turn in excerpt.turns)


def test_diarization_is_reproducible(diarizer: Diarizer, recording: Recording, excerpt: Diarization) -> None:
    """A second call gives the same result, to the last bit of every embedding."""
    assert diarizer.diarize(recording, ANY, silent) == excerpt


def test_the_number_of_threads_does_not_matter(
    diarizer: Diarizer, recording: Recording, excerpt: Diarization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches are embedded at once with the same result; an operation has one thread, and the caller's number stays."""
    assert isinstance(diarizer, PyannoteDiarizer)
    before, seen = torch.get_num_threads(), set[int]()
    watch = diarizer.pipeline.network.register_forward_hook(lambda *_: seen.add(torch.get_num_threads()))
    torch.set_num_threads(3)
    try:
        for threads in (1, 4):
            monkeypatch.setattr(embedded, "thread_count", lambda _most, threads=threads: threads)
            assert diarizer.diarize(recording, ANY, silent) == excerpt
        assert torch.get_num_threads() == 3
        assert seen == {1}
    finally:
        watch.remove()
        torch.set_num_threads(before)


def test_a_result_names_engine_weights_and_settings(excerpt: Diarization, weights: Weights) -> None:
    """A diarization has its engine, its weights, and the options that change the result."""
    source = (excerpt.engine, excerpt.model, excerpt.weights, excerpt.settings)

    assert source == ("pyannote.audio", "voices", weights.sha256, heard_settings(DiarizeOptions()))


# --- voices -------------------------------------------------------------------------------------------------------


def test_one_person_is_one_voice(diarize: Diarize, example: Samples) -> None:
    """Half a minute of one speaker has one voice."""
    found = diarize(sentences(example, "Hannah Weir", 30))

    assert {turn.voice for turn in found.turns} == {"SPEAKER_00"}
    assert {sample.voice for sample in found.samples} == {"SPEAKER_00"}


def test_two_alternating_speakers_are_separated(diarize: Diarize, example: Samples) -> None:
    """The middle second of each of eight turns of 5 s is in a turn of the right voice."""
    one, other = (sentences(example, name, 20) for name in ("Hannah Weir", "Priya Nand"))
    size = 5 * RATE
    pieces = [part[at : at + size] for at in range(0, 4 * size, size) for part in (one, other)]
    found = diarize(np.concatenate([sound for piece in pieces for sound in (piece, pause(0.3))]))

    middles = [Span(2_000, 3_000).shift(5_300 * number) for number in range(8)]
    heard = [max(found.turns, key=lambda turn: turn.span.overlap(middle)).voice for middle in middles]
    assert heard == ["SPEAKER_00", "SPEAKER_01"] * 4


def test_overlapping_speech_has_overlapping_turns(diarize: Diarize, example: Samples) -> None:
    """If two people speak at once, their turns overlap, and less of the samples is from there."""
    one, other = (sentences(example, name, 12) for name in ("Hannah Weir", "Priya Nand"))
    sound = np.concatenate([one, pause(8)]) + np.concatenate([pause(8), other])
    found = diarize(sound)

    both = sum(
        first.span.overlap(second.span)
        for number, first in enumerate(found.turns)
        for second in found.turns[number + 1 :]
    )
    assert 1_000 < both < 6_000
    inside = Span(9_000, 11_000)
    assert sum(span.overlap(inside) for sample in found.samples for span in sample.spans) < both


@pytest.mark.parametrize(
    ("speakers", "number"),
    [(SpeakerCount(exactly=1), 1), (SpeakerCount(most=1), 1), (SpeakerCount(exactly=2), 2), (SpeakerCount(2, 2), 2)],
)
def test_a_given_number_of_speakers_is_respected(
    diarize: Diarize, example: Samples, speakers: SpeakerCount, number: int
) -> None:
    """The number of voices is the given one, also if it is wrong."""
    one, other = (sentences(example, name, 25) for name in ("Hannah Weir", "Priya Nand"))

    assert len({turn.voice for turn in diarize(np.concatenate([one, other]), speakers).turns}) == number


# --- unusual audio ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.05, 3.0, 25.0])
def test_silence_has_no_turns(diarize: Diarize, seconds: float) -> None:
    """Silence of any length has no turns and no samples."""
    found = diarize(pause(seconds))

    assert (found.turns, found.samples) == ((), ())


def test_a_single_short_sentence_is_a_turn(diarize: Diarize, example: Samples) -> None:
    """A recording that is shorter than one chunk has a turn where its sentence is."""
    found = diarize(np.concatenate([pause(0.5), sentences(example, "Hannah Weir", 1.5), pause(0.5)]))

    assert {turn.voice for turn in found.turns} == {"SPEAKER_00"}
    assert all(300 < turn.span.start < turn.span.end < 2_300 for turn in found.turns)


def test_the_level_does_not_matter(diarize: Diarize, example: Samples) -> None:
    """The same audio at a thirtieth of its level has the same turns, within 0.1 s."""
    sound = sentences(example, "Hannah Weir", 12)
    loud, quiet = diarize(sound), diarize(sound / 30)

    assert [turn.voice for turn in loud.turns] == [turn.voice for turn in quiet.turns]
    for one, other in zip(loud.turns, quiet.turns, strict=True):
        assert abs(one.span.start - other.span.start) <= 100
        assert abs(one.span.end - other.span.end) <= 100


# --- progress, single spans, output, errors -----------------------------------------------------------------------


def test_progress_is_reported_to_the_end(diarizer: Diarizer, recording: Recording) -> None:
    """The progress of each stage never goes back and ends at its total."""
    steps: list[Step] = []
    diarizer.diarize(recording, ANY, steps.append)

    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["reading the audio", "finding turns", "comparing voices"]
    for stage in stages:
        progress = [(step.done, step.total) for step in steps if step.stage == stage]
        assert progress == sorted(progress)
        assert progress[-1][0] == progress[-1][1]


def test_single_spans_are_sampled(diarizer: Diarizer, recording: Recording) -> None:
    """There is an embedding of each span in order, of the middle of a long one; those of one person are similar."""
    spoken = [
        (one["speaker"], Span(from_seconds(one["start"]), from_seconds(one["end"])))
        for one in TRUTH["sentences"]
        if one["end"] < 89 and one["end"] - one["start"] > 1.5
    ]
    steps: list[Step] = []

    samples = diarizer.sample(recording, [span for _, span in spoken], steps.append)

    embeddings = np.array([np.frombuffer(sample.embedding, "<f4") for sample in samples])
    similarity = embeddings @ embeddings.T
    same = np.array([[one == two for two, _ in spoken] for one, _ in spoken])
    others = ~same
    np.fill_diagonal(same, val=False)
    assert [sample.spans[0].clip(span) for sample, (_, span) in zip(samples, spoken, strict=True)] == [
        sample.spans[0] for sample in samples
    ]
    assert max(sample.spans[0].duration for sample in samples) <= 4_000
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert np.median(similarity[same]) > np.median(similarity[others]) + 0.2
    assert (steps[-1].done, steps[-1].total) == (len(spoken), len(spoken))
    assert diarizer.sample(recording, [], silent) == ()


def test_nothing_is_printed_and_telemetry_is_off(
    diarizer: Diarizer, recording: Recording, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written to standard output, and pyannote's telemetry is off."""
    found = diarizer.diarize(recording, SpeakerCount(exactly=9), silent)

    assert len({turn.voice for turn in found.turns}) <= 9
    assert capfd.readouterr().out == ""
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


def test_no_folder_for_temporary_files_is_one_line(
    diarizer: Diarizer, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the purpose of the folder and how to give another one."""
    monkeypatch.setattr(tempfile, "tempdir", "/missing/folder")

    with pytest.raises(EngineError) as refused:
        diarizer.diarize(recording, ANY, silent)

    assert str(refused.value) == (
        f"pyannote.audio: cannot write the audio into the folder for temporary files ({os.strerror(errno.ENOENT)}); "
        "make room there, or name another one with TMPDIR"
    )


def test_files_that_are_not_models_are_one_line(weights: Weights, tmp_path: Path) -> None:
    """The error of a damaged file is one line with its folder."""
    for path in weights.path.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:1_000])

    with pytest.raises(EngineError, match=rf"^pyannote.audio: cannot load {tmp_path} on cpu \([^\n]*\)$"):
        load_diarizer(DiarizeOptions(device="cpu"), replace(weights, path=tmp_path))


@pytest.mark.parametrize("name", [SEGMENTATION_FILE, VOICES_FILE])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_planted_model_does_not_run(weights: Weights, tmp_path: Path, name: str, *, is_known: bool) -> None:
    """In place of a known model it is not read at all; in a folder of the user's nothing that it names is called."""
    folder, trace = tmp_path / "models", tmp_path / "trace"
    shutil.copytree(weights.path, folder)
    (folder / name).write_bytes(saved({"state_dict": {}, "more": Planted(trace)}))
    options = DiarizeOptions(device="cpu", folder=None if is_known else str(folder))
    found = replace(weights, path=folder) if is_known else locate_pipeline(options, WeightsOptions(), silent)
    reason = "is not the published file" if is_known else r"names posix\.mkdir, which may not be loaded"

    with pytest.raises(EngineError, match=rf"^pyannote.audio: cannot load {folder} on cpu \({name} {reason}[^\n]*$"):
        load_diarizer(options, found)

    assert not trace.exists()


def test_every_pipeline_has_a_module() -> None:
    """The options accept the pipelines in ``DIARIZERS``."""
    assert [DiarizeOptions(pipeline=name).pipeline for name in DIARIZERS] == ["embedded", "community"]  # type: ignore[arg-type]
