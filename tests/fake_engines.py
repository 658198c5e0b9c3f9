"""Fake engines that return what a test puts into their queue, and record each call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar, cast

from pipeline.episode.engines import Engines
from pipeline.errors import AudioError, WeightsError
from pipeline.io.atomic import sha256_file
from pipeline.listening.audio.multitrack import TrackOptions
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.locate import Layout, Weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions, Transcriber
from pipeline.listening.transcribe.repetition import LoopOptions
from pipeline.listening.transcribe.span import Reading, SecondLookOptions
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.listening.transcribe.windows import EarlyResults, HearOptions
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.matching.probing.heard_windows import HeardWindow, Request
from pipeline.progress import Progress, Step
from pipeline.schema import Diarization, HeardWord, Hearing, NamedTurn, VoiceSample
from pipeline.times import Ms, Span
from tests.factories import SHA
from tests.matching.probing.windows import window_of

Answer = Hearing | BaseException | Callable[[WindowStore], Hearing]
"""What is heard, an error instead, or a function that runs while the engine listens."""


@dataclass
class FakeEngines:
    """Engines without audio: each transcription takes the next answer from ``queue``; ``history`` has each heavy step.

    ``prompts`` has the hints of each transcription. ``voices`` is the diarization, ``turns`` are those of the speakers'
    own recordings. A span that is transcribed again takes the next answer from ``again``; without one it has no words.
    A heard word is forced to a time that is ``forced_later_ms`` later; with None, no word is. ``begun`` has what the
    diarizer was asked to begin or to end.
    """

    queue: list[Answer] = field(default_factory=list)
    again: list[tuple[HeardWord, ...]] = field(default_factory=list)
    prompts: list[tuple[str, ...]] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    voices: Diarization | BaseException | None = None
    turns: tuple[NamedTurn, ...] = ()
    forced_later_ms: Ms | None = None
    begun: list[str] = field(default_factory=list)

    @property
    def engines(self) -> Engines:
        """The fakes, as ``episode`` takes them."""
        return Engines(
            self._open_recording,
            self._choose,
            self._locate,
            self._load,
            self._hear,
            self._hear_again,
            self._locate_voices,
            lambda _options, _weights: self,
            self._follow,
            self._score_phones,
            self._force,
            self._hear_window,
        )

    engine = "pyannote.audio"
    settings: ClassVar[Mapping[str, str | int | float | bool | None]] = {}

    @property
    def weights(self) -> Weights:
        """The diarization model."""
        return Weights("voices", Path("voices"), SHA, "cache", english_only=False)

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """Return the diarization that the test gives, else an empty one."""
        for done in (0, 1):
            progress(Step("loading the models that separate speakers (cache)", done, 1))
        if self.voices is None:
            return Diarization((), (), self.engine, "voices", SHA)
        self.history.append(f"diarize {speakers} in {recording.path.name}")
        if isinstance(self.voices, BaseException):
            raise self.voices
        return self.voices

    def begin(self, _recording: Recording, _speakers: SpeakerCount) -> None:
        """Nothing yet: everything is done when it is waited for."""
        self.begun.append("begin")

    def cancel(self) -> None:
        """Nothing was begun."""
        self.begun.append("cancel")

    def sample(self, _recording: Recording, _spans: Sequence[Span], _progress: Progress) -> tuple[VoiceSample, ...]:
        """No more samples than the test's own."""
        return ()

    def _locate_voices(self, _options: DiarizeOptions, _weights: WeightsOptions, _progress: Progress) -> Weights:
        if isinstance(self.voices, WeightsError):
            raise self.voices
        return self.weights

    def _follow(
        self, tracks: Mapping[str, Recording], mix: Recording, _options: TrackOptions, _progress: Progress
    ) -> tuple[NamedTurn, ...]:
        self.history.append(f"follow {', '.join(tracks)} in {mix.path.name}")
        return self.turns

    def _score_phones(
        self, _recording: Recording, _transcriber: Transcriber, blocks: Mapping[int, bytes]
    ) -> Iterator[bytes]:
        """No scores: the classifier has no result then."""
        yield from (b"" for _ in blocks)

    def _force(
        self, _recording: Recording, stretches: Sequence[Stretch], _blocks: Mapping[int, bytes] | None
    ) -> Iterator[Forced]:
        for stretch in stretches:
            heard = (word.heard if self.forced_later_ms is not None else None for word in stretch.words)
            yield Forced(0, tuple(span and span.shift(self.forced_later_ms or 0) for span in heard))

    def _open_recording(self, path: Path) -> Recording:
        if not path.is_file():
            raise AudioError(path, "there is no such file")
        return Recording(path, 20_000, sha256_file(path))

    def _choose(self, engine: str, device: str) -> str:
        if engine != "auto":
            return engine
        return "openai-whisper" if device == "cuda" else "faster-whisper"

    def _locate(self, model: str, layout: Layout, _options: WeightsOptions, _progress: Progress) -> Weights:
        self.history.append(f"locate {model} for {layout}")
        return Weights(model, Path(model), SHA, "cache", english_only=False)

    def _load(self, options: TranscribeOptions, weights: Weights, _at_once: int) -> Transcriber:
        self.history.append(f"load {weights.model}, language {options.language}")
        return cast("Transcriber", SimpleNamespace(at_once=1))

    def _hear(
        self,
        recording: Recording,
        _transcriber: Transcriber,
        _options: HearOptions,
        progress: Progress,
        keep: WindowStore,
        _speech: SpeechOptions,
        hints: tuple[str, ...],
        _early: EarlyResults | None = None,
    ) -> Hearing:
        self.history.append(f"hear {recording.path.name}")
        self.prompts.append(hints)
        progress(Step("listening", 0, recording.duration, "ms"))
        answer = self.queue.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        heard = answer if isinstance(answer, Hearing) else answer(keep)
        progress(Step("listening", recording.duration, recording.duration, "ms"))
        return heard

    def _hear_window(
        self, recording: Recording, _transcriber: Transcriber, request: Request, language: str | None, *_: object
    ) -> HeardWindow:
        """What the next answer has there; it stays the next one."""
        self.history.append(f"hear {recording.path.name}, {request.span.start}-{request.span.end}")
        answer = self.queue[0]
        assert isinstance(answer, Hearing)
        return replace(window_of(answer, request), language=language or answer.language)

    def _hear_again(
        self,
        recording: Recording,
        _transcriber: Transcriber,
        _hearing: Hearing,
        span: Span,
        hints: tuple[str, ...],
        _options: SecondLookOptions,
        _loop: LoopOptions,
    ) -> Reading:
        self.history.append(f"hear {recording.path.name} again, {span.start}-{span.end}")
        self.prompts.append(hints)
        return Reading(self.again.pop(0) if self.again else (), hints)
