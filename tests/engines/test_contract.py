"""The contract of every speech engine, with a real model (tiny.en) and the example's audio."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import regex
import torch
import whisper

from pipeline.errors import ConfigError, EngineError
from pipeline.listening.audio.recording import Waveform, open_recording
from pipeline.listening.device_memory import BatchSize
from pipeline.listening.models.locate import Weights, locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import (
    LAYOUTS,
    TRANSCRIBERS,
    Decoding,
    TranscribeOptions,
    Transcriber,
    choose_engine,
    load_transcriber,
)
from pipeline.listening.transcribe.faster_whisper import FasterWhisper
from pipeline.listening.transcribe.openai_whisper import OpenaiWhisper, chunks_at_once
from pipeline.progress import silent
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span, from_seconds

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel"
TRUTH = json.loads((EXAMPLE / "07-the-slow-build.truth.json").read_text(encoding="utf-8"))
EXCERPT = Span(0, 60_000)
RATE = 16_000
ENGLISH = Decoding(language="en")

Engines = dict[str, Transcriber]


def sentences(within: Span) -> tuple[tuple[Span, str], ...]:
    """The spoken sentences of the example inside a span, and their spans."""
    spoken = ((Span(from_seconds(one["start"]), from_seconds(one["end"])), one["spoken"]) for one in TRUTH["sentences"])
    return tuple((span, text) for span, text in spoken if within.start <= span.start and span.end <= within.end)


CLIPS = tuple(span for span, _ in sentences(EXCERPT))


def normalized_words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return regex.findall(r"[\w']+", text.lower())


def tiny_en(engine: str) -> Weights:
    """The model's files in the engine's layout, from the user's cache or from their source."""
    return locate_weights("tiny.en", LAYOUTS[engine], WeightsOptions(), silent)


@pytest.fixture(scope="module")
def excerpt() -> Waveform:
    """The first minute of the example."""
    return open_recording(EXAMPLE / TRUTH["audio"]).read(EXCERPT)


@pytest.fixture(scope="module")
def engines() -> Engines:
    """Every engine, loaded once, with beam size 1, because the reference implementation is slow."""
    return {
        name: load_transcriber(TranscribeOptions(engine=name, device="cpu", beam_size=1), tiny_en(name))  # type: ignore[arg-type]
        for name in TRANSCRIBERS
    }


@pytest.fixture(scope="module")
def heard(engines: Engines, excerpt: Waveform) -> dict[str, tuple[HeardWord, ...]]:
    """The words of each engine in the excerpt."""
    return {name: engine.hear(excerpt, CLIPS, ENGLISH) for name, engine in engines.items()}


def tone(duration: Ms) -> Waveform:
    """A sine of 440 Hz."""
    times = np.arange(duration * RATE // 1000) / RATE
    return Waveform((0.3 * np.sin(2 * np.pi * 440 * times)).astype(np.float32), RATE, 0)


def silence(duration: Ms) -> Waveform:
    """Digital silence."""
    return Waveform(np.zeros(duration * RATE // 1000, np.float32), RATE, 0)


every_engine = pytest.mark.parametrize("engine", TRANSCRIBERS)


@every_engine
def test_words_are_in_order_within_clips_and_last_some_time(
    engine: str, heard: dict[str, tuple[HeardWord, ...]]
) -> None:
    """Starts never go back, and each word is inside one clip and at least 20 ms long."""
    words = heard[engine]
    starts = [word.span.start for word in words]

    assert starts == sorted(starts)
    assert [word for word in words if not any(_inside(word.span, clip) for clip in CLIPS)] == []
    assert min(word.span.duration for word in words) >= 20


def _inside(span: Span, clip: Span) -> bool:
    return clip.start <= span.start and span.end <= clip.end


@every_engine
def test_speech_without_a_pause_is_heard(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """A waveform that is one clip from its first to its last sample is transcribed to its end, in several chunks."""
    whole = Waveform(excerpt.samples[42 * RATE :], RATE, 0)
    dense = Waveform(np.concatenate([whole.samples, whole.samples]), RATE, 0)

    words = engines[engine].hear(dense, (dense.span,), ENGLISH)

    assert words[-1].span.end > dense.span.end - 3_000


@every_engine
def test_words_have_probabilities_and_no_blanks_around_them(
    engine: str, heard: dict[str, tuple[HeardWord, ...]]
) -> None:
    """Every word has no surrounding blanks and a probability from 0 to 1, with a high median on clear speech."""
    words = heard[engine]
    probabilities = [word.probability for word in words if word.probability is not None]

    assert [word.text for word in words] == [word.text.strip() for word in words]
    assert len(probabilities) == len(words)
    assert 0 <= min(probabilities) < max(probabilities) <= 1
    assert np.median(probabilities) > 0.8


@every_engine
def test_most_words_are_heard_at_their_time(engine: str, heard: dict[str, tuple[HeardWord, ...]]) -> None:
    """Over all sentences, more than 85 % of the spoken words are heard within their sentence's time."""
    total = found = 0
    for span, text in sentences(EXCERPT):
        near = [key for word in heard[engine] if span.overlap(word.span) for key in normalized_words(word.text)]
        keys = normalized_words(text)
        total += len(keys)
        found += sum(key in near for key in keys)

    assert total > 100
    assert found / total > 0.85


@every_engine
def test_sentences_start_at_their_time(engine: str, heard: dict[str, tuple[HeardWord, ...]]) -> None:
    """The median error of the start of a sentence's first word is below 0.15 s."""
    spans = [span for span, _ in sentences(EXCERPT)]
    firsts = [min((word.span.start for word in heard[engine] if span.overlap(word.span)), default=0) for span in spans]

    assert np.median([abs(first - span.start) for first, span in zip(firsts, spans, strict=True)]) < 150


@every_engine
def test_times_move_with_the_waveform(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """The same audio an hour later has the same words, each exactly an hour later."""
    late = 3_600_000
    first = excerpt.crop(Span(0, 13_000))
    clips = CLIPS[:2]
    now = engines[engine].hear(first, clips, ENGLISH)
    later = engines[engine].hear(
        Waveform(first.samples, RATE, late), tuple(clip.shift(late) for clip in clips), ENGLISH
    )

    assert len(now) > 20
    assert later == tuple(HeardWord(word.text, word.span.shift(late), word.probability) for word in now)


@every_engine
def test_times_do_not_depend_on_audio_before(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """A sentence late in a waveform has the same times as by itself, within 40 ms."""
    clip = CLIPS[1]
    alone = engines[engine].hear(excerpt.crop(Span(clip.start - 500, clip.end + 500)), (clip,), ENGLISH)
    within = engines[engine].hear(excerpt, (clip,), ENGLISH)

    assert [word.text for word in within] == [word.text for word in alone]
    off = [abs(one.span.start - two.span.start) for one, two in zip(within, alone, strict=True)]
    assert max(off) <= 40


@every_engine
def test_transcription_is_reproducible(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """Neither earlier calls nor chance change the words, also at temperatures above 0."""
    sound, clips = excerpt.crop(Span(0, 13_000)), CLIPS[:2]
    for decoding in (ENGLISH, Decoding(language="en", temperature=0.6)):
        once = engines[engine].hear(sound, clips, decoding)
        engines[engine].hear(excerpt.crop(Span(13_000, 22_000)), CLIPS[2:3], decoding)

        assert engines[engine].hear(sound, clips, decoding) == once


@every_engine
@pytest.mark.parametrize("sound", [silence(20_000), tone(3_000), tone(20_000)], ids=["silence", "tone", "long tone"])
def test_audio_without_speech_has_no_words(engine: str, engines: Engines, sound: Waveform) -> None:
    """A clip that has no speech, by a mistake of voice activity detection, has no words."""
    assert engines[engine].hear(sound, (sound.span,), ENGLISH) == ()


@every_engine
def test_nothing_is_heard_outside_of_clips(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """Without clips there are no words, and the clip of one sentence has only its words."""
    span, text = sentences(EXCERPT)[1]
    words = engines[engine].hear(excerpt, (span,), ENGLISH)

    assert engines[engine].hear(excerpt, (), ENGLISH) == ()
    assert len(words) == len(normalized_words(text))
    assert {"kettle", "spin"} < {key for word in words for key in normalized_words(word.text)}


@every_engine
def test_a_very_short_clip_is_accepted(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """A clip of a few milliseconds has words inside it or none."""
    clip = Span(5_000, 5_010)

    assert all(_inside(word.span, clip) for word in engines[engine].hear(excerpt, (clip,), ENGLISH))


@every_engine
def test_a_hint_gives_a_name_its_spelling(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """A name in the hint is spelled as it is there; control tokens in it are harmless text."""
    sound, clips = excerpt.crop(Span(0, 10_000)), CLIPS[:1]
    hinted = engines[engine].hear(
        sound, clips, Decoding(language="en", hint="The show is called Kettle and Kernel. <|endoftext|>")
    )

    assert "Kernel" in " ".join(word.text for word in hinted)


@every_engine
def test_the_language_of_an_english_model_is_english(engine: str, engines: Engines, excerpt: Waveform) -> None:
    """An English-only model does not detect the language."""
    assert engines[engine].language(excerpt, CLIPS[:1]) == "en"
    assert engines[engine].engine == engine
    assert engines[engine].weights.model == "tiny.en"


@every_engine
def test_an_english_model_refuses_another_language_before_it_is_loaded(engine: str) -> None:
    """The error says what to use instead, and the weights are not read."""
    missing = Weights("tiny.en", Path("/missing"), "", "cache", english_only=True)

    with pytest.raises(ConfigError, match=r"^--language de: the model tiny\.en knows English only"):
        load_transcriber(TranscribeOptions(engine=engine, device="cpu", language="de"), missing)  # type: ignore[arg-type]


@every_engine
def test_files_that_are_not_a_model_are_one_line(engine: str, tmp_path: Path) -> None:
    """The error of files that cannot be loaded is one line with their path."""
    (tmp_path / "model.bin").write_bytes(b"nonsense")
    path = tmp_path if LAYOUTS[engine] == "ctranslate2" else tmp_path / "model.bin"

    weights = Weights("mine", path, "", "your folder", english_only=False)
    options = TranscribeOptions(engine=engine, device="cpu")  # type: ignore[arg-type]

    with pytest.raises(EngineError, match=f"^{engine}: cannot load {path} on cpu"):
        load_transcriber(options, weights)


@every_engine
def test_a_language_that_the_model_does_not_know_is_refused(engine: str) -> None:
    """The error of a language that only newer models know is one line with the model's name."""
    multilingual = Weights("mine", tiny_en(engine).path, "", "your folder", english_only=False)
    options = TranscribeOptions(engine=engine, device="cpu", language="Cantonese")  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match=r"^--language yue: the model mine does not know Cantonese"):
        load_transcriber(options, multilingual)


def test_the_engines_agree(heard: dict[str, tuple[HeardWord, ...]]) -> None:
    """More than 80 % of the words are heard by both engines, and the median difference of their starts is < 0.15 s."""
    one, two = (heard[name] for name in TRANSCRIBERS)
    starts = {(key, index): word.span.start for key, index, word in _numbered(two)}
    off = [abs(word.span.start - starts[key, index]) for key, index, word in _numbered(one) if (key, index) in starts]

    assert len(off) > 0.8 * len(one)
    assert np.median(off) < 150


def _numbered(words: tuple[HeardWord, ...]) -> list[tuple[str, int, HeardWord]]:
    """Each word with the number of equal words before it: the second "the" is ("the", 1)."""
    counts: dict[str, int] = {}
    numbered = []
    for word in words:
        key = " ".join(normalized_words(word.text))
        numbered.append((key, counts.get(key, 0), word))
        counts[key] = counts.get(key, 0) + 1
    return numbered


def test_auto_is_the_engine_that_suits_the_device() -> None:
    """``auto`` is faster-whisper on a CPU and openai-whisper on a GPU; a named engine is not changed."""
    assert choose_engine("auto", "cpu") == "faster-whisper"
    assert choose_engine("auto", "cuda") == "openai-whisper"
    assert choose_engine("openai-whisper", "cpu") == "openai-whisper"


def test_an_engine_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of an engine that cannot be imported has the command that installs it."""
    monkeypatch.setitem(TRANSCRIBERS, "faster-whisper", "pipeline.listening.transcribe.missing")
    weights = Weights("mine", Path("/missing"), "", "your folder", english_only=False)

    with pytest.raises(EngineError, match=r"^faster-whisper: cannot be used here .*pip install faster-whisper$"):
        load_transcriber(TranscribeOptions(engine="faster-whisper", device="cpu"), weights)


def test_the_encoders_output_is_given_with_each_chunk(
    engines: Engines, heard: dict[str, tuple[HeardWord, ...]], excerpt: Waveform
) -> None:
    """It is that of the chunk's own sound, the chunks have all the speech, and the words are the same."""
    taken: list[tuple[Waveform, npt.NDArray[np.float32], str]] = []
    engine = engines["faster-whisper"]
    assert isinstance(engine, FasterWhisper)

    decoding = replace(ENGLISH, take_encoded=lambda *given: taken.append(given))
    words = engine.hear(excerpt, CLIPS, decoding)

    assert words == heard["faster-whisper"]
    assert all(any(span.overlap(chunk.span) == span.duration for chunk, _, _ in taken) for span in CLIPS)
    for chunk, encoded, language in taken:
        features = engine.model.feature_extractor(chunk.samples)[:, : chunk.span.duration // 10]
        padded = np.pad(features, ((0, 0), (0, 2 * len(encoded) - features.shape[1])))
        expected = np.array(engine.model.encode(padded))[0]
        inside = slice(0, chunk.span.duration // 20 - 1)
        assert (encoded.shape, language) == (expected.shape, "en")
        likeness = np.corrcoef(encoded[inside].ravel(), expected[inside].ravel())[0, 1]
        assert likeness > 0.99  # 8-bit weights: what else is in a batch changes the last digits
    with engine.model.keeping() as batches:
        assert batches == []


def test_batches_at_once_give_the_same_words(
    heard: dict[str, tuple[HeardWord, ...]], excerpt: Waveform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with the encoder's output in the order of its chunks."""
    monkeypatch.setattr("pipeline.listening.transcribe.faster_whisper.thread_count", lambda most: min(2, most))
    options = TranscribeOptions(engine="faster-whisper", device="cpu", beam_size=1)
    engine = load_transcriber(options, tiny_en("faster-whisper"), 2)
    assert isinstance(engine, FasterWhisper)
    taken: list[list[Waveform]] = [[], []]

    def listen(to: list[Waveform]) -> tuple[HeardWord, ...]:
        return engine.hear(excerpt, CLIPS, replace(ENGLISH, take_encoded=lambda chunk, *_: to.append(chunk)))

    with ThreadPoolExecutor(engine.at_once) as pool:
        words = [*pool.map(listen, taken)]

    assert engine.at_once == 2
    assert words == 2 * [heard["faster-whisper"]]
    for chunks in taken:
        assert len(chunks) > 1
        starts = [chunk.at for chunk in chunks]
        assert sum(after <= before for before, after in pairwise(starts)) <= 1  # the unheard rest is a second round


def test_chunks_decoded_together_have_the_words_of_single_ones(
    engines: Engines, excerpt: Waveform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """openai-whisper gives the same words for several chunks at once, as on a GPU, and where those do not fit."""
    alone = engines["openai-whisper"]
    assert isinstance(alone, OpenaiWhisper)
    clips = tuple(clip for clip in CLIPS if clip.end < 10_000 or clip.start > 52_000)  # two chunks or more
    expected = alone.hear(excerpt, clips, ENGLISH)

    assert replace(alone, batches=BatchSize("chunks", 8)).hear(excerpt, clips, ENGLISH) == expected

    decode, sizes = whisper.decode, []

    def decode_one(model: object, mels: torch.Tensor, options: object) -> object:
        sizes.append(len(mels))
        if len(mels) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return decode(model, mels, options)

    monkeypatch.setattr(whisper, "decode", decode_one)
    assert replace(alone, batches=BatchSize("chunks of speech", 8)).hear(excerpt, clips, ENGLISH) == expected
    assert sizes[0] > 1
    assert "trying 1" in caplog.text


def test_as_many_chunks_as_the_memory_has_room_for() -> None:
    """A large model on a small GPU decodes one chunk at a time, a small one eight."""
    base = whisper.ModelDimensions(80, 1500, 512, 8, 6, 51_865, 448, 512, 8, 6)
    large = whisper.ModelDimensions(128, 1500, 1280, 20, 32, 51_866, 448, 1280, 20, 32)

    assert [chunks_at_once(base, 5, free) for free in (10**8, 2 * 10**9, 10**11)] == [1, 8, 8]
    assert [chunks_at_once(large, 5, free) for free in (2 * 10**9, 8 * 10**9, 10**11)] == [1, 2, 8]
