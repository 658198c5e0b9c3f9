"""A folder of the community pipeline is run as pyannote.audio would run it, and nothing else in it is."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from pyannote.audio import Pipeline
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.listening.diarize import Diarizer, load_diarizer, locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from pipeline.times import Span
from tests.listening.conftest import EXAMPLE, write_sound
from tests.listening.diarize.test_pipeline_config import COMMUNITY
from tests.listening.planted import Planted, saved

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

Plant = Callable[[Path, Path], None]


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole pipeline: the real segmentation, and an embedding and a PLDA of random numbers."""
    folder = tmp_path_factory.mktemp("community")
    (folder / "config.yaml").write_text(COMMUNITY)
    for name in ("segmentation", "embedding", "plda"):
        (folder / name).mkdir()
    voices = obtain(VOICES, "pyannote", WeightsOptions(), silent).path
    shutil.copy(voices / SEGMENTATION_FILE, folder / "segmentation" / "pytorch_model.bin")
    (folder / "embedding" / "pytorch_model.bin").write_bytes(saved(_embedding()))
    random = np.random.default_rng(1)
    lda, square = random.normal(size=(256, 128)), random.normal(size=(128, 128))
    np.savez(folder / "plda" / "xvec_transform.npz", mean1=np.zeros(256), mean2=np.zeros(128), lda=lda)
    np.savez(folder / "plda" / "plda.npz", mu=np.zeros(128), tr=square, psi=np.linspace(2, 1, 128))
    return folder


def _embedding() -> dict[str, Any]:
    torch.manual_seed(3)
    network = WeSpeakerResNet34()
    network.specifications = Specifications(Problem.REPRESENTATION, Resolution.CHUNK, 5.0)
    content: dict[str, Any] = {"hyper_parameters": dict(network.hparams), "state_dict": network.state_dict()}
    network.on_save_checkpoint(content)  # type: ignore[no-untyped-call] # Lightning's
    return {**content, "pytorch-lightning_version": "2.6.6"}


@pytest.fixture(scope="module")
def excerpt(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The first 15 s of the example."""
    samples = open_recording(EXAMPLE).read(Span(0, 15_000)).samples
    return open_recording(write_sound(tmp_path_factory.mktemp("sound") / "excerpt.wav", samples[None], RATE))


def load(folder: Path) -> Diarizer:
    """Load the pipeline in a folder."""
    mine = DiarizeOptions(pipeline="community", folder=str(folder), device="cpu")
    return load_diarizer(mine, locate_pipeline(mine, WeightsOptions(folder=str(folder)), silent))


def test_the_pipeline_has_the_turns_of_pyannotes_own(complete: Path, excerpt: Recording) -> None:
    """The folder gives what pyannote.audio gives that loads it itself."""
    found = load(complete).diarize(excerpt, SpeakerCount(), silent)

    waveform = torch.from_numpy(np.array(excerpt.read(Span(0, excerpt.duration)).samples))[None]
    pipeline: Any = Pipeline.from_pretrained(complete)
    theirs = pipeline({"waveform": waveform, "sample_rate": RATE})
    turns = [
        (round(segment.start * 1_000), round(segment.end * 1_000), label)
        for segment, _, label in theirs.speaker_diarization.itertracks(yield_label=True)
    ]
    assert turns != []
    assert [(turn.span.start, turn.span.end, turn.voice) for turn in found.turns] == sorted(turns)


def test_a_folder_that_is_not_a_pipeline_is_one_line(tmp_path: Path) -> None:
    """The error of a configuration that names another pipeline is one line with its folder."""
    (tmp_path / "config.yaml").write_text("pipeline: {name: nothing.Known}\n")

    with pytest.raises(EngineError, match=rf"^pyannote.audio: cannot load {tmp_path} on cpu \([^\n]*\)$"):
        load(tmp_path)


def configured(change: Callable[[dict[str, Any], str], None]) -> Plant:
    """Write a changed configuration, which names ``os.mkdir`` with the trace."""

    def plant(folder: Path, trace: Path) -> None:
        config = yaml.safe_load(COMMUNITY)
        change(config, str(trace))
        (folder / "config.yaml").write_text(yaml.safe_dump(config))

    return plant


def as_pipeline(config: dict[str, Any], trace: str) -> None:
    """Name a function as the pipeline."""
    config["pipeline"] = {"name": "os.mkdir", "params": {"path": trace}}


def as_preprocessor(config: dict[str, Any], trace: str) -> None:
    """Name a function as a preprocessor."""
    config["preprocessors"] = {"audio": {"name": "os.mkdir", "params": {"path": trace}}}


def as_tag(folder: Path, trace: Path) -> None:
    """Name a function in a tag of YAML."""
    (folder / "config.yaml").write_text(f"pipeline: !!python/object/apply:os.mkdir ['{trace}']\n")


def in_model(name: str) -> Plant:
    """Put a pickle in place of a model."""

    def plant(folder: Path, trace: Path) -> None:
        (folder / name / "pytorch_model.bin").write_bytes(saved({"state_dict": {}, "more": Planted(trace)}))

    return plant


def in_plda(folder: Path, trace: Path) -> None:
    """Put a pickled object into the arrays of a PLDA."""
    planted = np.empty(1, object)
    planted[0] = Planted(trace)
    file = io.BytesIO()
    np.savez(file, mean1=planted, mean2=planted, lda=planted)
    (folder / "plda" / "xvec_transform.npz").write_bytes(file.getvalue())


def as_other_network(folder: Path, trace: Path) -> None:
    """Name a module of ours, which would be imported, as the network of a model."""
    (trace.parent / "planted_module.py").write_text(f"import os\nos.mkdir({str(trace)!r})\n")
    content = _embedding()
    content["pyannote.audio"]["architecture"] = {"module": "planted_module", "class": "Network"}
    (folder / "embedding" / "pytorch_model.bin").write_bytes(saved(content))


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        (configured(as_pipeline), "names the pipeline 'os.mkdir'"),
        (configured(as_preprocessor), "config.yaml has 'preprocessors'"),
        (as_tag, "config.yaml is not YAML"),
        (in_model("segmentation"), "names posix.mkdir, which may not be loaded"),
        (in_model("embedding"), "names posix.mkdir, which may not be loaded"),
        (in_plda, "Object arrays cannot be loaded"),
        (as_other_network, "is of the network 'planted_module.Network'"),
    ],
    ids=["pipeline", "preprocessor", "tag", "segmentation", "embedding", "plda", "network"],
)
def test_nothing_planted_runs(
    complete: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant, reason: str
) -> None:
    """Whatever a folder names besides the pipeline is refused with the reason, and is not called."""
    folder, trace = tmp_path / "folder", tmp_path / "trace"
    monkeypatch.syspath_prepend(tmp_path)
    shutil.copytree(complete, folder)
    plant(folder, trace)

    with pytest.raises(EngineError, match=r".") as refused:
        load(folder)

    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert not trace.exists()


def test_a_model_of_a_hub_is_not_fetched(complete: Path, tmp_path: Path) -> None:
    """A configuration that names a model elsewhere is refused; nothing is asked for over the network."""
    folder = tmp_path / "folder"
    shutil.copytree(complete, folder)
    named = COMMUNITY.replace("$model/embedding", "pyannote/wespeaker-voxceleb-resnet34-LM")
    (folder / "config.yaml").write_text(named)

    with pytest.raises(EngineError, match=r"'pyannote/wespeaker-voxceleb-resnet34-LM' is not in the folder; copy "):
        load(folder)
