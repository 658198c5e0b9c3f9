"""Listening beside the server: what ``align`` hears, in a process of its own, sent as it is known.

First the words, from where they are needed; then the second pass and the voices, or whose track is when. The second
pass begins from the text, so after edits it is done again on request. Listening computes with one thread at a low
priority: it gives way to the person who types.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pipeline.desk.serving.background import Ended, Failed, Send
from pipeline.desk.settle import pack_forced
from pipeline.episode.aligned import SpeakerTurns
from pipeline.episode.engines import Engines
from pipeline.episode.forced_times import force_all, stretches_to_force
from pipeline.episode.second_pass import listen_again
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording
from pipeline.listening.diarize.diarize_options import speaker_count
from pipeline.listening.transcribe.windows import EarlyResults, HeardSoFar
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.speakers.embeddings import unsampled_spans, with_samples
from pipeline.progress import Step
from pipeline.reading.transcript import parse
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.schema import Alignment, Diarization, Hearing, Transcript
from pipeline.settings.config import Config
from pipeline.times import MS_PER_SECOND, Ms, Span

LISTENING_NICENESS = 15
"""Of 19: anything else that runs on the machine goes first."""

_BEFORE: Ms = 30 * MS_PER_SECOND
"""Audio before the place where the typing seems to stop that is heard with it: one of Whisper's windows."""

_WORD: Ms = 300
"""The time of a typed word if no time is typed at all: 200 words a minute is fast, so the guess is rather too early."""


@dataclass(frozen=True, slots=True)
class ListenRequest:
    """What is to be heard, and with what.

    Attributes:
        source: the transcript as it is when listening begins: names in it are hints, and where it stops comes first.
        store: the folder of the store.
        tracks: the speakers' own recordings by their names; with them, voices are not looked at.
    """

    recording: Recording
    source: str
    config: Config
    engines: Engines
    store: Path
    relisten: bool
    tracks: Mapping[str, Recording] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookRequest:
    """The second pass is to be done again, with the transcript as it is now."""

    source: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of the sound so far.

    Attributes:
        hearing: in words (see ``matching.alignment.word_grouping``).
        turns: who speaks when; None if that is not known yet, or not at all.
        spans: the parts of the recording that were listened to.
        complete: whether that is the whole recording.
        last: whether nothing more is to come, but for forced times, unless the text changes.
        forced: the stretches whose words were forced, packed.
    """

    hearing: Hearing
    turns: SpeakerTurns
    spans: tuple[Span, ...]
    complete: bool
    last: bool
    forced: bytes = b""

    def __reduce__(self) -> tuple[object, ...]:
        """Return how it is sent: to unpickle 30,000 words takes 0.2 s, in which the server is slow; this, a tenth."""
        return _received, (
            msgspec.msgpack.encode(self.hearing),
            self.turns,
            self.spans,
            self.complete,
            self.last,
            self.forced,
        )


def _received(
    hearing: bytes,
    turns: SpeakerTurns,
    spans: tuple[Span, ...],
    complete: bool,  # noqa: FBT001 -- these are called by unpickling alone
    last: bool,  # noqa: FBT001
    forced: bytes,
) -> Heard:
    return Heard(msgspec.msgpack.decode(hearing, type=Hearing), turns, spans, complete, last, forced)


@dataclass(frozen=True, slots=True)
class Looked:
    """The second pass for a transcript is done: what was sent before is what ``align`` hears with it."""

    source: str


class Listener:
    """Hears one recording. It remembers the first pass, from which each second pass begins.

    A person waits for what was heard before, so it is brought first, and only what follows gives way to other programs.
    """

    def __init__(self, niceness: int = 0) -> None:
        """Prepare.

        Args:
            niceness: how much listening gives way to others, from 0 to 19.
        """
        self._niceness = niceness
        self._request: ListenRequest | None = None
        self._first: Hearing | None = None
        self._turns: SpeakerTurns = None
        self._sent: Heard | None = None

    def __call__(self, message: ListenRequest | LookRequest, send: Send) -> None:
        """Send what is known as it is known; what was sent already is not sent again.

        Raises:
            PipelineError: a model or an engine is not usable, or the recording has no speech.
        """
        if isinstance(message, ListenRequest):
            self._request, self._first, self._turns, self._sent = message, None, None, None
            self._listen(message, send)
        elif self._request is not None and self._first is not None:
            listening = _listening(self._request, send, relisten=False)
            aligned = _second_pass(listening, self._first, message.source)
            self._send_all(send, listening, aligned)
            send(Looked(message.source))

    def _listen(self, request: ListenRequest, send: Send) -> None:
        config, document = request.config, parse(request.source)
        listening = _listening(request, send, relisten=request.relisten)
        has_voices = config.diarize.voices and not request.tracks
        _ = listening.weights, listening.diarization_weights if has_voices else None  # before hours of listening
        whole = (Span(0, request.recording.duration),)

        def take(heard: HeardSoFar) -> None:
            if heard.spans != whole:
                send(Heard(group_into_words(heard.hearing), None, heard.spans, complete=False, last=False))

        first = listening.heard_before()
        if first is None:
            self._give_way()
            terms = select_prompt_terms(document) if config.transcribe.hints else ()
            first = listening.hear(terms, EarlyResults(take, first_needed(document)))
        self._first = group_into_words(first)
        self._send(send, self._first, None, last=False)
        self._give_way()
        aligned = _second_pass(listening, self._first, request.source)
        if request.tracks:
            self._turns = listening.follow(request.tracks)
        elif has_voices:
            self._send(send, aligned.hearing, None, last=False)  # finding the voices may take as long as listening
            self._turns = listening.diarize(speaker_count(config.diarize.speakers, len(document.panel)))
        self._send(send, aligned.hearing, _with_samples(listening, aligned, self._turns), last=True)
        self._send_all(send, listening, aligned)
        send(Looked(request.source))

    def _give_way(self) -> None:
        """Lower the priority of this process, once."""
        by, self._niceness = self._niceness, 0
        os.nice(by)

    def _send_all(self, send: Send, listening: StoredListening, aligned: _Aligned) -> None:
        """Send what was heard for a transcript with the forced times of its words."""
        heard_for = aligned.document, aligned.hearing, aligned.alignment
        stretches = stretches_to_force(*heard_for, listening.session.config)
        forced = pack_forced(force_all(*heard_for, stretches, listening))
        turns = _with_samples(listening, aligned, self._turns)
        self._send(send, aligned.hearing, turns, last=True, forced=forced)

    def _send(self, send: Send, hearing: Hearing, turns: SpeakerTurns, *, last: bool, forced: bytes = b"") -> None:
        assert self._request is not None, "something was asked for"  # noqa: S101 -- our own invariant
        whole = (Span(0, self._request.recording.duration),)
        heard = Heard(hearing, turns, whole, complete=True, last=last, forced=forced)
        if heard != self._sent:
            self._sent = heard
            send(heard)


def _listening(request: ListenRequest, send: Send, *, relisten: bool) -> StoredListening:
    """Return what listens; its models are loaded when they are needed, and go with it."""
    session = Session(request.config, request.engines, Store(request.store, relisten), send)
    return StoredListening(request.recording, session)


@dataclass(frozen=True, slots=True)
class _Aligned:
    """A transcript, and what was heard for it in two passes."""

    document: Transcript
    hearing: Hearing
    alignment: Alignment


def _second_pass(listening: StoredListening, first: Hearing, source: str) -> _Aligned:
    document = parse(source, first.language)
    alignment = align(document.words, first.words, listening.session.config.align, first.language)
    return _Aligned(document, *listen_again(document, first, alignment, listening))


def _with_samples(listening: StoredListening, aligned: _Aligned, turns: SpeakerTurns) -> SpeakerTurns:
    """Return voices with the further samples that the labels of a transcript need (see ``episode.aligned``)."""
    if not isinstance(turns, Diarization) or not turns.turns:
        return turns
    document, hearing = aligned.document, aligned.hearing
    words, utterances = assign_times(document, hearing, aligned.alignment)
    more = listening.sample(unsampled_spans(document, words, utterances, turns))
    return with_samples(turns, more) if more else turns


def first_needed(document: Transcript) -> Ms:
    """Return from where on the sound is needed first: a little before the place where the typing seems to stop."""
    if document.notes:
        at = document.notes[-1].at
    elif document.claims:
        at = max(claim.at for claim in document.claims)
    else:
        at = _WORD * sum(word.kind == "spoken" for word in document.words)
    return max(0, at - _BEFORE)


# --- pure --------------------------------------------------------------------------------------------------------


def hearing_after(hearing: Mapping[str, Any], message: object, duration: Ms) -> dict[str, Any]:
    """Return the event ``hearing`` after a message of the process that listens."""
    if isinstance(message, Heard):
        done = sum(span.duration for span in message.spans)
        spans = [[span.start, span.end] for span in message.spans]
        return {**hearing, "done": done, "total": duration, "heard": spans, "finished": message.last}
    if isinstance(message, Step):
        if message.unit == "ms" and message.stage == hearing["stage"]:
            return {**hearing}  # what was heard says it better: it need not begin at the start
        is_sound = message.unit == "ms"
        amounts = {"done": 0 if is_sound else message.done, "total": duration if is_sound else message.total or 0}
        return {**hearing, "stage": message.stage, **amounts}
    if isinstance(message, Failed):
        return {**hearing, "failed": message.line}
    if isinstance(message, Ended) and not hearing["finished"]:
        return {**hearing, "failed": "the process that listens has ended; is there enough memory? Start the desk again"}
    return {**hearing}
