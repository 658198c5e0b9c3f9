"""Convert a CTranslate2 Whisper model into a checkpoint for openai-whisper: the same numbers under other names.

The checkpoint is a safetensors file: nothing in the catalog could vouch for a pickle that is made here.

The binary format, little-endian (``python/ctranslate2/specs/model_spec.py`` of CTranslate2)::

    uint32 version, string "WhisperSpec", uint32 revision, uint32 count
    count times: string name, uint8 rank, uint32 dims[rank], uint8 type, uint32 bytes, data
    a string: uint16 length that counts a closing NUL, characters, NUL

CTranslate2 stacks query, key and value of an attention layer in one tensor; openai-whisper has one tensor for each, and
no bias for the key. If a tensor in the file is unknown, nothing is written.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

SAFETENSORS = ".safetensors"
"""The suffix of a converted checkpoint."""

ENGLISH_VOCABULARY = 51_864
"""Tokens of an English-only model; every multilingual one has more."""

_OLDEST_VERSION = 6
"""The version of the binary format that CTranslate2 4 writes (its ``CURRENT_BINARY_VERSION``)."""

_LONGEST_NAME = 200
"""Bytes; the longest name of a Whisper tensor has less than 60. More means that the file is damaged."""

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_HEAD_WIDTH = 64
"""The width of an attention head in every Whisper model."""

_PLAIN = {
    "encoder/conv1/": "encoder.conv1.",
    "encoder/conv2/": "encoder.conv2.",
    "encoder/layer_norm/": "encoder.ln_post.",
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "decoder/embeddings/weight": "decoder.token_embedding.weight",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
    "decoder/layer_norm/": "decoder.ln.",
}
_BLOCK = {
    "self_attention/layer_norm/": "attn_ln.",
    "attention/layer_norm/": "cross_attn_ln.",
    "ffn/layer_norm/": "mlp_ln.",
    "ffn/linear_0/": "mlp.0.",
    "ffn/linear_1/": "mlp.2.",
    "self_attention/linear_1/": "attn.out.",
    "attention/linear_0/": "cross_attn.query.",
    "attention/linear_2/": "cross_attn.out.",
}
_STACKED = {
    "self_attention/linear_0/": ("attn.query.", "attn.key.", "attn.value."),
    "attention/linear_1/": ("cross_attn.key.", "cross_attn.value."),
}
_ENDINGS = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}


def read_tensors(path: Path) -> dict[str, Array]:
    """Map the tensors of a ``model.bin`` into memory, by name; data is read from the disk when it is used.

    Returns:
        Read-only arrays with the shapes and dtypes of the file.

    Raises:
        ValueError: the file is not a Whisper model of CTranslate2, or it is damaged.
        OSError: the file cannot be read.
    """
    try:
        return dict(_tensors(_memory_map(path)))
    except (struct.error, UnicodeDecodeError, KeyError) as e:
        raise ValueError("it is not a CTranslate2 model, or it is damaged") from e


def _memory_map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise struct.error("an empty file cannot be mapped")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _tensors(content: mmap.mmap) -> Iterator[tuple[str, Array]]:
    (version,) = struct.unpack_from("<I", content, 0)
    spec, at = _string(content, 4)
    if version < _OLDEST_VERSION or spec != "WhisperSpec":
        raise ValueError(f"it holds {spec!r} in version {version}, not a Whisper model of version 6 or later")
    _, count = struct.unpack_from("<II", content, at)
    at += 8
    for _ in range(count):
        name, at = _string(content, at)
        (rank,) = struct.unpack_from("<B", content, at)
        *shape, kind, size = struct.unpack_from(f"<{rank}IBI", content, at + 1)
        at += 1 + 4 * rank + 5
        dtype = np.dtype(_TYPES[kind])
        if size != int(np.prod(shape)) * dtype.itemsize or at + size > len(content):
            raise ValueError(f"the tensor {name} is cut off or damaged")
        yield name, np.frombuffer(content, dtype, size // dtype.itemsize, at).reshape(shape)
        at += size


def _string(content: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", content, at)
    end = at + 2 + length
    if not 0 < length <= _LONGEST_NAME or end > len(content):
        raise struct.error("no string here")
    return content[at + 2 : end - 1].decode("ascii"), end


def vocabulary_size(path: Path) -> int:
    """Return the number of tokens in the vocabulary of a ``model.bin``.

    Raises:
        ValueError: the file is not a Whisper model of CTranslate2.
    """
    embedding = read_tensors(path).get("decoder/embeddings/weight")
    if embedding is None:
        raise ValueError("it has no token embedding")
    return int(embedding.shape[0])


def write_checkpoint(source: Path, target: Path) -> None:
    """Convert a CTranslate2 ``model.bin`` into a checkpoint that ``whisper_checkpoint`` reads, with 16-bit numbers.

    Args:
        source: a ``model.bin`` that is not quantized.
        target: a ``.safetensors`` file, which is not written atomically: no other process may read it yet.

    Raises:
        ValueError: ``source`` is not such a model, or has an unknown tensor.
        OSError: a file cannot be read or written.
    """
    import safetensors.numpy  # noqa: PLC0415 -- most runs need no conversion

    state = {name: np.ascontiguousarray(value) for name, value in _converted(read_tensors(source))}
    dimensions(state)  # refuses what lacks a tensor
    try:
        safetensors.numpy.save_file(state, target)
    except safetensors.SafetensorError as e:  # its error for a full disk
        raise OSError(f"{target} cannot be written ({e})") from e


def _converted(tensors: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Yield all tensors of a checkpoint, with their names in openai-whisper."""
    for name, value in tensors.items():
        if value.ndim == 0:  # metadata, such as the number of heads
            continue
        if value.dtype not in (np.float16, np.float32):
            raise ValueError(f"it is quantised ({value.dtype} in {name}), which openai-whisper cannot read")
        yield from _convert_tensor(name, value)


def _convert_tensor(name: str, value: Array) -> Iterator[tuple[str, Array]]:
    if name == "decoder/projection/weight":  # a copy of the token embedding
        return
    if name in _PLAIN:
        yield _PLAIN[name], value
        return
    group, slash, last = name.rpartition("/")
    ending = _ENDINGS.get(last)
    side, _, rest = f"{group}{slash}".partition("/layer_")
    if ending and (plain := _PLAIN.get(f"{group}{slash}")):
        yield plain + ending, value
    elif ending and side in {"encoder", "decoder"} and rest:
        yield from _convert_block_tensor(side, rest, ending, value)
    else:
        raise ValueError(f"it has an unknown tensor ({name})")


def _convert_block_tensor(side: str, rest: str, ending: str, value: Array) -> Iterator[tuple[str, Array]]:
    number, _, inner = rest.partition("/")
    block = f"{side}.blocks.{number}."
    if inner in _BLOCK:
        yield block + _BLOCK[inner] + ending, value
    elif inner in _STACKED:
        names = _STACKED[inner]
        for target, part in zip(names, np.split(value, len(names)), strict=True):
            if ending == "weight" or ".key." not in target:
                yield block + target + ending, part
    else:
        raise ValueError(f"it has an unknown tensor ({side}/layer_{rest}{ending})")


class _Shaped(Protocol):
    """An array or a tensor."""

    @property
    def shape(self) -> tuple[int, ...]: ...


def dimensions(state: Mapping[str, _Shaped]) -> dict[str, int]:
    """Return the arguments of ``whisper.model.ModelDimensions``, from the shapes of a checkpoint's tensors.

    Raises:
        ValueError: a tensor is missing.
    """
    try:
        conv = state["encoder.conv1.weight"].shape  # (n_audio_state, n_mels, 3)
        audio = state["encoder.positional_embedding"].shape  # (n_audio_ctx, n_audio_state)
        text = state["decoder.positional_embedding"].shape  # (n_text_ctx, n_text_state)
        vocabulary = state["decoder.token_embedding.weight"].shape[0]
    except KeyError as e:
        raise ValueError(f"it lacks the tensor {e}") from e
    return {
        "n_mels": conv[1],
        "n_audio_ctx": audio[0],
        "n_audio_state": audio[1],
        "n_audio_head": audio[1] // _HEAD_WIDTH,
        "n_audio_layer": _num_layers(state, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": text[0],
        "n_text_state": text[1],
        "n_text_head": text[1] // _HEAD_WIDTH,
        "n_text_layer": _num_layers(state, "decoder"),
    }


def _num_layers(state: Mapping[str, _Shaped], side: str) -> int:
    return len({name.split(".")[2] for name in state if name.startswith(f"{side}.blocks.")})
