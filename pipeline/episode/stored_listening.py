"""What is heard in one recording: from the store if it was heard before, else from the engines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.episode.engines import diarize_options, locate_model, locate_voices, version_of
from pipeline.episode.session import Session
from pipeline.errors import EngineError
from pipeline.files.store import key_of
from pipeline.listening.allocator import give_back_memory
from pipeline.listening.device import resolve_device, thread_count
from pipeline.listening.diarize import ENGINE as DIARIZATION_ENGINE
from pipeline.listening.diarize import BackgroundDiarizer, heard_settings
from pipeline.listening.diarize.diarize_options import SpeakerCount
from pipeline.listening.forced import ENCODER_MODEL, blocks_of
from pipeline.listening.transcribe import BATCHES_AT_ONCE, Transcriber
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.matching.probing.heard_windows import HeardWindow, Request
from pipeline.matching.speakers.embeddings import sample_windows, with_samples
from pipeline.progress import SCORING, TIMING, Step
from pipeline.schema import Diarization, Hearing, NamedTurn, VoiceSample
from pipeline.times import Span

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.models.locate import Weights
    from pipeline.listening.transcribe.span import Reading
    from pipeline.listening.transcribe.windows import EarlyResults

_log = logging.getLogger(__name__)

HEARING_VERSION = 3
"""Is increased whenever a change of ``listening`` changes what is heard; older results are then not used."""

DIARIZATION_VERSION = 2
"""The same for diarization."""

FORCED_VERSION = 6
"""The same for forced alignment."""

CLASSIFIER_VERSION = 2
"""The same for the phone classifier, its features and its weights."""

_MOST_STRETCHES = 20_000
"""The most recent stretches that are kept of a recording: three hours with every stretch edited ten times."""

_NOT_IN_KEY = {"engine", "model", "device", "hints"}
"""Options that do not change what is heard, or are in the key under another name; hints are recorded in the result."""


@dataclass(frozen=True)
class StoredListening:
    """Everything that one session hears in one recording.

    Models are located and loaded at first use. Each property and method may then raise a ``PipelineError``: a model or
    an engine is not usable, or the recording has no speech.
    """

    recording: Recording
    session: Session

    # --- transcription -----------------------------------------------------------------------------------------------

    @cached_property
    def engine(self) -> str:
        """The name of the speech engine."""
        options = self.session.config.transcribe
        return self.session.engines.choose(options.engine, options.device)

    @cached_property
    def weights(self) -> Weights:
        """The files of Whisper's model, fetched if they are missing."""
        return locate_model(self.session.config, self.session.engines, self.engine, self.session.progress)

    @cached_property
    def key(self) -> str:
        """The store's key of the hearing: a hash of all that changes it; neither device nor hints are part of it."""
        config = self.session.config
        options = {name: value for name, value in asdict(config.transcribe).items() if name not in _NOT_IN_KEY}
        weights, engine = self.weights, self.engine
        model = weights.sha256, weights.lead, engine, version_of(engine)
        return key_of(HEARING_VERSION, self.recording.sha256, *model, options, config.hear, config.speech)

    @cached_property
    def transcriber(self) -> Transcriber:
        """The loaded speech engine."""
        loading = f"loading the model {self.weights.model} ({self.weights.origin})"
        self.session.progress(Step(loading, 0, 1))
        transcriber = self.session.engines.load(self.session.config.transcribe, self.weights, BATCHES_AT_ONCE)
        self.session.progress(Step(loading, 1, 1))
        return transcriber

    def hear(self, terms: tuple[str, ...] = (), early: EarlyResults | None = None) -> Hearing:
        """Transcribe the whole recording. A stored hearing serves whatever terms it was made with.

        Args:
            terms: that may be said.
            early: gets results while the engine listens, and says where to begin; nothing if it was heard before.
        """
        hearing = self.heard_before()
        if hearing is not None:
            return hearing
        from pipeline.listening.forced.heard_phones import HeardPhones  # noqa: PLC0415 -- heavy
        from pipeline.listening.transcribe.windows import EarlyResults  # noqa: PLC0415 -- heavy

        store, progress, config = self.session.store, self.session.progress, self.session.config
        windows, phones = store.windows(self.key), HeardPhones(self.recording.duration)
        phone_key = self._phone_key if config.forced.words else None
        if phone_key:
            early = replace(early or EarlyResults(), take_encoded=phones)
        hearing = self.session.engines.hear(
            self.recording, self.transcriber, config.hear, progress, windows, config.speech, terms, early
        )
        store.save("hearing", self.key, hearing)
        if phone_key and (blocks := phones.blocks()):
            store.save("phones", phone_key, blocks)
        return hearing

    def heard_before(self) -> Hearing | None:
        """Return the whole recording's hearing from the store; None if it is not there."""
        hearing = self.session.store.load("hearing", self.key, Hearing)
        if hearing is not None:
            self.session.progress(Step("listening: heard before, taken from the store", 1, 1))
        return hearing

    @property
    def was_heard(self) -> bool:
        """Whether the whole recording's hearing is in the store."""
        return self.session.store.load("hearing", self.key, Hearing) is not None

    def hear_again(self, first: Hearing, span: Span, terms: tuple[str, ...]) -> Reading:
        """Transcribe one span by itself; not stored here (see ``second_pass``)."""
        config = self.session.config
        return self.session.engines.hear_again(
            self.recording, self.transcriber, first, span, terms, config.second_look, config.hear.loop_options()
        )

    @cached_property
    def quick_transcriber(self) -> Transcriber:
        """The speech engine with a beam of 1, for single windows: it finds the same places in half of the time."""
        return self.session.engines.load(replace(self.session.config.transcribe, beam_size=1), self.weights, 1)

    def hear_window(self, request: Request, language: str | None) -> HeardWindow:
        """Transcribe a short window by itself; those that were heard before come from the store.

        Args:
            request: the window.
            language: that is spoken; None if it is to be detected.
        """
        config, store = self.session.config, self.session.store
        key = key_of(self.key, request, language)
        window = store.load("probe", key, HeardWindow)
        if window is None:
            window = self.session.engines.hear_window(
                self.recording, self.quick_transcriber, request, language, config.speech, config.hear
            )
            store.save("probe", key, window)
        return window

    # --- forced alignment --------------------------------------------------------------------------------------------

    def force(self, stretches: Sequence[Stretch], stage: str = TIMING) -> list[Forced]:
        """Return when the words of each stretch are said; those that were forced before come from the store.

        Args:
            stretches: with their words.
            stage: the name for the progress.
        """
        store, progress, engines = self.session.store, self.session.progress, self.session.engines
        phones, key = self._phone_key, self.forced_key
        known = store.load("forced", key, dict[str, Forced]) or {}
        keys = [key_of(stretch) for stretch in stretches]
        missing = {one: stretch for stretch, one in zip(stretches, keys, strict=True) if one not in known}
        if not missing:
            return [known[one] for one in keys]
        blocks = self._phone_blocks(phones, list(missing.values())) if phones else None
        progress(Step(stage, 0, len(missing)))
        for done, (one, forced) in enumerate(
            zip(missing, engines.force(self.recording, list(missing.values()), blocks), strict=True), start=1
        ):
            known[one] = forced
            progress(Step(stage, done, len(missing)))
        store.save("forced", key, dict(list(known.items())[-_MOST_STRETCHES:]))
        return [known[one] for one in keys]

    @cached_property
    def forced_key(self) -> str:
        """The store's key of what is forced: a hash of all that changes it."""
        return key_of(FORCED_VERSION, self.recording.sha256, version_of("pocketsphinx"), self._phone_key)

    @cached_property
    def _phone_key(self) -> str | None:
        """The store's key of the phone classifier's scores; None if the engine's encoder is not the one it needs.

        That has 8-bit weights, which faster-whisper has on a processor alone.
        """
        is_base = self.engine == "faster-whisper" and self.weights.model == ENCODER_MODEL
        if not is_base or resolve_device(self.session.config.transcribe.device) != "cpu":
            return None
        return key_of(CLASSIFIER_VERSION, self.recording.sha256, self.weights.sha256, version_of(self.engine))

    def _phone_blocks(self, key: str, stretches: Sequence[Stretch]) -> dict[int, bytes]:
        """Return the phone classifier's scores around some stretches; those that are not in the store are computed."""
        from pipeline.listening.forced.phone_scores import unscored_parts  # noqa: PLC0415 -- heavy

        blocks = self.session.store.load("phones", key, dict[int, bytes]) or {}
        wanted = blocks_of(stretch.start.cover(stretch.end) for stretch in stretches)
        missing = {k: blocks.get(k, b"") for k in wanted if k not in blocks or unscored_parts(blocks[k])}
        if missing:
            found = self.session.engines.score_phones(self.recording, self.transcriber, missing)
            self.session.progress(Step(SCORING, 0, len(missing)))
            for done, (number, scores) in enumerate(zip(missing, found, strict=True), start=1):
                blocks[number] = scores
                self.session.progress(Step(SCORING, done, len(missing)))
            self.session.store.save("phones", key, blocks)
        return blocks

    # --- diarization -------------------------------------------------------------------------------------------------

    @cached_property
    def diarization_weights(self) -> Weights | None:
        """The files of the diarization models, fetched if they are missing; None, with a warning, if that fails."""
        return locate_voices(self.session.config, self.session.engines, self.session.progress)

    @cached_property
    def diarizer(self) -> BackgroundDiarizer:
        """The diarizer. Only for callers that have seen ``diarization_weights``."""
        assert self.diarization_weights is not None, "the caller has looked"  # noqa: S101 -- our own invariant
        return self.session.engines.load_voices(diarize_options(self.session.config), self.diarization_weights)

    @contextmanager
    def diarizing(self, speakers: SpeakerCount) -> Iterator[None]:
        """Begin in this block what ``diarize`` waits for, beside what else is done in it.

        Where a run may use one thread alone, nothing begins before it is waited for.
        """
        weights = self.diarization_weights
        begins = weights is not None and thread_count(2) > 1 and self._diarized(weights, speakers) is None
        if begins:
            self.diarizer.begin(self.recording, speakers)
        try:
            yield
        finally:
            if begins:
                self.diarizer.cancel()

    def diarize(self, speakers: SpeakerCount) -> Diarization | None:
        """Find who speaks when, as clusters without names; None, with a warning, if that fails."""
        weights, progress = self.diarization_weights, self.session.progress
        if weights is None:
            return None
        stored = self._diarized(weights, speakers)
        if stored is not None:
            return stored
        self._unload_transcriber()
        try:
            found = self.diarizer.diarize(self.recording, speakers, progress)
            more = self.diarizer.sample(self.recording, sample_windows(found.turns), progress)
        except EngineError as e:
            _log.warning("speakers are not identified: %s", e)
            return None
        found = with_samples(found, more)
        self.session.store.save("voices", self._diarization_key(weights, str(speakers)), found)
        return found

    def _diarized(self, weights: Weights, speakers: SpeakerCount) -> Diarization | None:
        """Return what was found before; None if that is not in the store."""
        return self.session.store.load("voices", self._diarization_key(weights, str(speakers)), Diarization)

    def _unload_transcriber(self) -> None:
        """Let go of the speech engine: memory may not suffice for both engines at once."""
        self.__dict__.pop("transcriber", None)
        give_back_memory()

    def sample(self, spans: Sequence[Span]) -> tuple[VoiceSample, ...]:
        """Compute the embeddings of the voice in these spans; empty, with a warning, if that fails."""
        if not spans or self.diarization_weights is None:
            return ()
        key = self._diarization_key(self.diarization_weights, spans)
        samples = self.session.store.load("samples", key, tuple[VoiceSample, ...])
        if samples is None:
            try:
                samples = self.diarizer.sample(self.recording, spans, self.session.progress)
            except EngineError as e:
                _log.warning("some voices have no embedding: %s", e)
                return ()
            self.session.store.save("samples", key, samples)
        return samples

    def follow(self, tracks: Mapping[str, Recording]) -> tuple[NamedTurn, ...]:
        """Find who speaks when from the speakers' own recordings."""
        config, store = self.session.config, self.session.store
        hashes = {name: track.sha256 for name, track in tracks.items()}
        key = key_of(DIARIZATION_VERSION, self.recording.sha256, hashes, config.tracks)
        turns = store.load("tracks", key, tuple[NamedTurn, ...])
        if turns is None:
            turns = self.session.engines.follow(tracks, self.recording, config.tracks, self.session.progress)
            store.save("tracks", key, turns)
        return turns

    def _diarization_key(self, weights: Weights, asked: object) -> str:
        """Return the store's key of a result of diarization: a hash of all that changes it, and of what was asked."""
        settings = heard_settings(diarize_options(self.session.config))
        how = weights.sha256, settings, version_of(DIARIZATION_ENGINE)
        return key_of(DIARIZATION_VERSION, self.recording.sha256, *how, asked)
