from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import whisper
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.models.convert import (
    Array,
    read_tensors,
    vocabulary_size,
    write_checkpoint,
)
from pipeline.listening.models.locate import Weights, locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.models.whisper_checkpoint import read_checkpoint
from pipeline.listening.transcribe.openai_whisper import load_network
from pipeline.progress import silent
from pipeline.times import Span
from tests.listening.conftest import EXAMPLE

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

WIDTH, VOCABULARY = 64, 100
_CODES = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def packed(tensors: Mapping[str, Array], spec: str = "WhisperSpec", version: int = 6) -> bytes:
    """A model as CTranslate2 writes it."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    parts = [struct.pack("<I", version), string(spec), struct.pack("<II", 3, len(tensors))]
    for name, value in tensors.items():
        shape = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        parts += [string(name), shape, struct.pack("<BI", _CODES[value.dtype.name], value.nbytes), value.tobytes()]
    return b"".join(parts)


def toy() -> dict[str, Array]:
    """All tensors of the smallest Whisper: one layer on each side, one head, random numbers."""
    shapes: dict[str, tuple[int, ...]] = {
        "encoder/conv1/weight": (WIDTH, 80, 3),
        "encoder/conv1/bias": (WIDTH,),
        "encoder/conv2/weight": (WIDTH, WIDTH, 3),
        "encoder/conv2/bias": (WIDTH,),
        "encoder/position_encodings/encodings": (1500, WIDTH),
        "encoder/layer_norm/gamma": (WIDTH,),
        "encoder/layer_norm/beta": (WIDTH,),
        "decoder/embeddings/weight": (VOCABULARY, WIDTH),
        "decoder/position_encodings/encodings": (448, WIDTH),
        "decoder/layer_norm/gamma": (WIDTH,),
        "decoder/layer_norm/beta": (WIDTH,),
        "decoder/projection/weight": (VOCABULARY, WIDTH),
    }
    for side, inners in (("encoder", ("self_attention",)), ("decoder", ("self_attention", "attention"))):
        block = f"{side}/layer_0"
        for inner in inners:
            linears = (3, 1) if inner == "self_attention" else (1, 2, 1)
            for number, stacked in enumerate(linears):
                shapes[f"{block}/{inner}/linear_{number}/weight"] = (stacked * WIDTH, WIDTH)
                shapes[f"{block}/{inner}/linear_{number}/bias"] = (stacked * WIDTH,)
        for norm in (*inners, "ffn"):
            shapes[f"{block}/{norm}/layer_norm/gamma"] = shapes[f"{block}/{norm}/layer_norm/beta"] = (WIDTH,)
        shapes[f"{block}/ffn/linear_0/weight"], shapes[f"{block}/ffn/linear_0/bias"] = (4 * WIDTH, WIDTH), (4 * WIDTH,)
        shapes[f"{block}/ffn/linear_1/weight"], shapes[f"{block}/ffn/linear_1/bias"] = (WIDTH, 4 * WIDTH), (WIDTH,)
    random = np.random.default_rng(1)
    tensors: dict[str, Array] = {name: random.normal(size=shape).astype("float16") for name, shape in shapes.items()}
    return {**tensors, "decoder/num_heads": np.array(1, "int16")}


@pytest.fixture(scope="session")
def tiny_en() -> Path:
    """The real model of the other tests, in the format of CTranslate2."""
    return locate_weights("tiny.en", "ctranslate2", WeightsOptions(), silent).path / "model.bin"


def test_converted_tensors_are_those_of_whispers_model(tmp_path: Path) -> None:
    """The converted state has exactly the names and shapes of Whisper's model."""
    (tmp_path / "model.bin").write_bytes(packed(toy()))
    write_checkpoint(tmp_path / "model.bin", tmp_path / "toy.safetensors")

    found = read_checkpoint(tmp_path / "toy.safetensors", None)
    model = whisper.model.Whisper(whisper.model.ModelDimensions(**found.dims))
    model.load_state_dict(found.state, strict=True)
    assert found.dims == {
        "n_mels": 80,
        "n_audio_ctx": 1500,
        "n_audio_state": WIDTH,
        "n_audio_head": 1,
        "n_audio_layer": 1,
        "n_vocab": VOCABULARY,
        "n_text_ctx": 448,
        "n_text_state": WIDTH,
        "n_text_head": 1,
        "n_text_layer": 1,
    }


def test_stacked_attention_is_split_in_the_right_order(tmp_path: Path) -> None:
    """Query, key, value of a self attention and key, value of a cross attention are split; the key has no bias."""
    tensors = toy()
    (tmp_path / "model.bin").write_bytes(packed(tensors))
    write_checkpoint(tmp_path / "model.bin", tmp_path / "toy.safetensors")
    state = read_checkpoint(tmp_path / "toy.safetensors", None).state

    block = "decoder.blocks.0"
    own = tensors["decoder/layer_0/self_attention/linear_0/weight"]
    cross = tensors["decoder/layer_0/attention/linear_1/weight"]
    converted = [state[f"{block}.attn.{name}.weight"].numpy() for name in ("query", "key", "value")]
    np.testing.assert_array_equal(np.concatenate(converted), own)
    np.testing.assert_array_equal(state[f"{block}.cross_attn.key.weight"].numpy(), cross[:WIDTH])
    np.testing.assert_array_equal(state[f"{block}.cross_attn.value.weight"].numpy(), cross[WIDTH:])
    assert f"{block}.attn.key.bias" not in state


@given(st.integers(0, len(packed(toy())) - 1))
def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    """A truncated model is refused, wherever it ends."""
    path = tmp_path_factory.mktemp("cut") / "model.bin"
    path.write_bytes(packed(toy())[:length])

    with pytest.raises(ValueError, match=r"damaged|not a Whisper model|cut off"):
        read_tensors(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not a CTranslate2 model, or it is damaged"),
        (b"<html>Please log in</html>", "it is not a CTranslate2 model, or it is damaged"),
        (packed({}, spec="TransformerSpec"), "not a Whisper model of version 6 or later"),
        (packed({}, version=5), "not a Whisper model of version 6 or later"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """The error says that the file is not such a model."""
    path = tmp_path / "model.bin"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=reason):
        read_tensors(path)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("decoder/surprise/weight", np.ones(3, "float16"), r"unknown tensor \(decoder/surprise/weight\)"),
        ("decoder/layer_0/gate/weight", np.ones(3, "float16"), r"unknown tensor \(decoder/layer_0/gate/weight\)"),
        ("encoder/conv1/weight", np.ones((WIDTH, 80, 3), "int8"), "quantised"),
    ],
)
def test_an_unknown_tensor_is_refused(tmp_path: Path, name: str, value: Array, reason: str) -> None:
    """With an unknown tensor, nothing is written rather than an incomplete model."""
    (tmp_path / "model.bin").write_bytes(packed({**toy(), name: value}))

    with pytest.raises(ValueError, match=reason):
        write_checkpoint(tmp_path / "model.bin", tmp_path / "toy.safetensors")
    assert not (tmp_path / "toy.safetensors").exists()


def test_a_model_without_its_encoder_is_refused(tmp_path: Path) -> None:
    """The error names a missing tensor."""
    tensors = {name: value for name, value in toy().items() if name != "encoder/conv1/weight"}
    (tmp_path / "model.bin").write_bytes(packed(tensors))

    with pytest.raises(ValueError, match=r"lacks the tensor 'encoder\.conv1\.weight'"):
        write_checkpoint(tmp_path / "model.bin", tmp_path / "toy.safetensors")


def test_the_vocabulary_identifies_english_only_models(tiny_en: Path, tmp_path: Path) -> None:
    """The size of the vocabulary is read from both layouts."""
    write_checkpoint(tiny_en, tmp_path / "tiny.en.safetensors")

    assert vocabulary_size(tiny_en) == 51_864
    assert read_checkpoint(tmp_path / "tiny.en.safetensors", None).vocabulary == 51_864


def test_nothing_of_a_real_model_is_lost(tiny_en: Path, tmp_path: Path) -> None:
    """The checkpoint has all numbers of the model, except for the keys' biases (zeros) and the metadata."""
    write_checkpoint(tiny_en, tmp_path / "tiny.en.safetensors")
    state = read_checkpoint(tmp_path / "tiny.en.safetensors", None).state
    tensors = read_tensors(tiny_en)

    key_biases = [
        value.reshape(3 if "self_attention" in name else 2, -1)[-2]
        for name, value in tensors.items()
        if name.endswith(("self_attention/linear_0/bias", "/attention/linear_1/bias"))
    ]
    assert not any(bias.any() for bias in key_biases)
    total = sum(math.prod(value.shape) for value in tensors.values() if value.ndim)
    assert sum(tensor.numel() for tensor in state.values()) == total - sum(bias.size for bias in key_biases)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # whisper does not close its vocabulary file
def test_whisper_transcribes_with_a_converted_model(tiny_en: Path, tmp_path: Path) -> None:
    """Whisper's own network with the converted numbers recognises the first words of the example."""
    path = tmp_path / "tiny.en.safetensors"
    write_checkpoint(tiny_en, path)
    model = load_network(Weights("tiny.en", path, "", "conversion", english_only=True), "cpu")
    samples = open_recording(EXAMPLE).read(Span(0, 20_000)).samples

    heard = whisper.decode(
        model,
        whisper.log_mel_spectrogram(whisper.pad_or_trim(samples)),
        whisper.DecodingOptions(language="en", fp16=False, without_timestamps=True),
    )

    assert "put the kettle on" in heard.text.lower()
