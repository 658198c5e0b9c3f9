"""The way of one episode through all stages: read, hear, align, identify speakers, time, report; then perhaps draft."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Unpack

from pipeline.episode.aligned import SpeakerTurns, aligned_result
from pipeline.episode.forced_times import force_words
from pipeline.episode.probe import find_wrong_audio, probe_episode
from pipeline.episode.second_pass import listen_again
from pipeline.episode.session import (
    EpisodeInput,
    RunOptions,
    Session,
    ShowKnowledge,
    as_written,
    input_of,
    knowledge_of,
    session_of,
)
from pipeline.episode.stored_alignment import alignment_key, kept_alignment, save_alignment
from pipeline.episode.stored_listening import StoredListening
from pipeline.episode.stored_matches import Matches, matches_of
from pipeline.episode.stored_recording import open_with_warnings
from pipeline.errors import ConfigError
from pipeline.files.transcript_file import WrittenFile
from pipeline.languages import LANGUAGES
from pipeline.listening.audio.recording import Recording
from pipeline.listening.device import thread_count
from pipeline.listening.diarize.diarize_options import speaker_count
from pipeline.listening.models.locate import identify
from pipeline.listening.transcribe import AUTO, TranscribeOptions, is_english_only
from pipeline.matching.alignment.align import align as align_words
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.continue_note import new_note_text, old_note_text
from pipeline.matching.drafting.draft_turns import draft as draft_turns
from pipeline.matching.drafting.topics import find_topics
from pipeline.matching.probing import LEAST_PROBED_MS
from pipeline.matching.speakers.assignment import UNKNOWN_SPEAKER
from pipeline.progress import TIMING_DRAFT, TimeLeft, expect
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.reading.words.script import LATIN, main_script
from pipeline.schema import DraftTurn, Hearing, Result, Transcript
from pipeline.settings.config import Config
from pipeline.times import Ms, to_seconds
from pipeline.writing.finished import render_finished
from pipeline.writing.new_document import ShowStyle, render_new_document, show_style

_log = logging.getLogger(__name__)
_DEFAULTS = Config()

_WORDS_PER_SECOND = 2.5
"""How fast people usually speak: from it follows how much of a recording is typed, to estimate how long it takes."""

_READ_AS = "en"
"""The language that a transcript is read in before anything is heard: labels and times are the same in all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the typing stops, for ``marker``.

    Attributes:
        note: the note as it should be; None if the transcript is complete.
        heard: how much of the audio was given to Whisper.
        full_pass: whether that was all that is spoken.
    """

    result: Result
    note: str | None
    old_note: str | None
    heard: Ms
    full_pass: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A document with a draft of its untyped part.

    Attributes:
        result: of what the human had typed, with the draft in it.
        text: the whole document.
        shown: the result of the whole document, for subtitles.
    """

    result: Result
    text: str
    shown: Result


def align(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    **options: Unpack[RunOptions],
) -> Result:
    """Find every written word of an episode in its audio. Nothing is written except into the store.

    Args:
        audio: the path of the episode's audio.
        transcript: the path of what a human typed of it, or what was read of that file before.
        config: the options of all stages.
        options: see ``RunOptions``.

    Raises:
        PipelineError: the audio, the transcript, the model or the engine cannot be used, or there is no speech.
    """
    episode = input_of(audio, transcript, options)
    return align_episode(episode, session_of(config, options), knowledge_of(options))


def marker(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    **options: Unpack[RunOptions],
) -> Mark:
    """Find where the typing stops, and no more; the arguments are those of ``align``.

    It listens to a few windows where these leave no doubt, else to everything (see ``MarkerOptions``).

    Raises:
        PipelineError: as ``align``.
    """
    return mark_episode(input_of(audio, transcript, options), session_of(config, options))


def finish(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    **options: Unpack[RunOptions],
) -> Finished:
    """Draft the rest of an episode below what a human typed of it; the arguments are those of ``align``.

    Raises:
        PipelineError: as ``align``.
    """
    episode = input_of(audio, transcript, options)
    return finish_episode(episode, session_of(config, options), knowledge_of(options))


def draft(
    audio: Path | str,
    title: str,
    config: Config = _DEFAULTS,
    *,
    like: Path | str | WrittenFile | None = None,
    **options: Unpack[RunOptions],
) -> Finished:
    """Draft an episode of which nothing is typed yet; the other arguments are those of ``align``.

    Args:
        audio: the path of the episode's audio.
        title: of the document.
        config: the options of all stages.
        like: another transcript of the show, whose style is followed; without one, that of the community. Its terms
            are used after those of ``options``.
        options: see ``RunOptions``.

    Raises:
        PipelineError: as ``align``; or the other transcript cannot be read.
    """
    episode = input_of(audio, None, options)
    model = as_written(like, episode.audio)
    return draft_episode(episode, title, model, session_of(config, options), knowledge_of(options))


# --- the stages --------------------------------------------------------------------------------------------------


def align_episode(episode: EpisodeInput, session: Session, show: ShowKnowledge) -> Result:
    """Align what is typed of an episode, or nothing, with its audio; see ``align``."""
    return _align(episode, session, show)[0]


def _align(
    episode: EpisodeInput,
    session: Session,
    show: ShowKnowledge,
    recording: Recording | None = None,
    *,
    drafts: bool = False,
) -> tuple[Result, StoredListening]:
    """Align an episode, and return what listened as well; a recording that is open already is not opened again.

    ``drafts`` says whether the rest is drafted afterwards.
    """
    config = session.config
    document = parse(episode.text)
    refuse_model(config.transcribe, (word.shown for word in document.words))
    recording = recording or open_with_warnings(episode.audio, session.engines, session.store)
    voices = config.diarize.voices and not episode.tracks
    timed = _with_time_left(session, document, recording, voices=voices, drafts=drafts)
    listening = StoredListening(recording, timed)
    tracks = {name: open_with_warnings(path, session.engines, session.store) for name, path in episode.tracks.items()}
    _ = listening.weights, listening.diarization_weights if voices else None  # fetch all models before listening
    heard = listening.heard_before()
    if heard is None and config.wrong_audio.probe and (refused := find_wrong_audio(episode, listening)) is not None:
        return refused, listening
    count = speaker_count(config.diarize.speakers, len(document.panel))
    with listening.diarizing(count) if voices and heard is None else nullcontext():
        if heard is None:
            heard = listening.hear(select_prompt_terms(document, show=show.terms) if config.transcribe.hints else ())
        hearing = group_into_words(heard)
        if hearing.language != _READ_AS:
            document = parse(episode.text, hearing.language)
        matches = matches_of(document, hearing, listening, partial(_matches, document, hearing, listening))
        turns: SpeakerTurns = listening.diarize(count) if voices else listening.follow(tracks) if tracks else None
    sources = episode.sources(listening.recording)
    found = matches.hearing, matches.alignment, turns, listening.sample, show.voices, matches.forced
    result = aligned_result(sources, document, *found)
    if document.words:
        book = show.voices.show if show.voices else None
        recordings = {name: one.sha256 for name, one in {"": listening.recording, **tracks}.items()}
        save_alignment(session.store, kept_alignment(alignment_key(config, book, recordings), result))
    return result, listening


def _with_time_left(
    session: Session, document: Transcript, recording: Recording, *, voices: bool, drafts: bool
) -> Session:
    """Return the session with a progress that says how much time is left of aligning a recording."""
    config, seconds = session.config, to_seconds(recording.duration)
    typed = min(1.0, len(document.words) / (_WORDS_PER_SECOND * seconds)) if seconds else 1.0
    expected = expect(
        seconds,
        typed=typed,
        voices="no" if not voices else "beside" if thread_count(2) > 1 else "after",
        forces=config.forced.words,
        drafts=drafts,
    )
    return replace(session, progress=TimeLeft(session.progress, expected))


def _matches(document: Transcript, hearing: Hearing, listening: StoredListening) -> Matches:
    """Find the words of a text in what was heard, and force them while the speech engine is loaded."""
    alignment = align_words(document.words, hearing.words, listening.session.config.align, hearing.language)
    hearing, alignment = listen_again(document, hearing, alignment, listening)
    return Matches(hearing, alignment, force_words(document, hearing, alignment, listening))


def mark_episode(episode: EpisodeInput, session: Session) -> Mark:
    """Find where the typing of an episode stops; see ``marker``. Speakers do not matter for it."""
    config = replace(session.config, diarize=replace(session.config.diarize, voices=False))
    session, recording = replace(session, config=config), None
    if config.marker.probe:
        refuse_model(config.transcribe, (word.shown for word in parse(episode.text).words))
        recording = open_with_warnings(episode.audio, session.engines, session.store)
        listening = StoredListening(recording, session)
        is_worth_it = recording.duration >= LEAST_PROBED_MS and not listening.was_heard
        if is_worth_it and (found := probe_episode(episode, listening)) is not None:
            return _mark(found, full_pass=False)
    return _mark(_align(episode, session, ShowKnowledge(), recording)[0], full_pass=True)


def _mark(result: Result, *, full_pass: bool) -> Mark:
    return Mark(
        result=result,
        note=new_note_text(result.transcript, result.continue_point),
        old_note=old_note_text(result.transcript),
        heard=sum(span.duration for span in result.hearing.speech),
        full_pass=full_pass,
    )


def finish_episode(episode: EpisodeInput, session: Session, show: ShowKnowledge) -> Finished:
    """Draft the rest of an episode; see ``finish``."""
    result, listening = _align(episode, session, show, drafts=True)
    drafted = draft_turns(result, result.named_turns, session.config.draft, terms=show.terms)
    toc_times = session.config.markdown.toc_times
    text = render_finished(result, drafted, session.config.finish, toc_times=toc_times)
    return _finished(result, drafted, text, listening)


def draft_episode(
    episode: EpisodeInput, title: str, like: WrittenFile | None, session: Session, show: ShowKnowledge
) -> Finished:
    """Draft an episode of which nothing is typed; see ``draft``."""
    if like:
        show = replace(show, terms=(*show.terms, *collect_vocabulary([parse(like.source)])))
    result, listening = _align(episode, session, show, drafts=True)
    model = parse(like.source, result.hearing.language) if like else None
    turns = draft_turns(result, result.named_turns, session.config.draft, model, show.terms)
    style = show_style(model) if model else ShowStyle()
    panel = [
        name for name in dict.fromkeys(turn.speaker for turn in turns) if name and not name.startswith(UNKNOWN_SPEAKER)
    ]
    stops_at = turns[-1].span.end if turns and result.audio.is_cut_off else None
    text = render_new_document(turns, title, panel, find_topics(turns), style, times=True, continue_at=stops_at)
    return _finished(result, turns, text, listening)


def _finished(result: Result, drafted: tuple[DraftTurn, ...], text: str, listening: StoredListening) -> Finished:
    """Align the whole document with what was heard already: drafted words are found where they were heard."""
    hearing = result.hearing
    document = parse(text, hearing.language)
    alignment = align_words(document.words, hearing.words, listening.session.config.align, hearing.language)
    forced = force_words(document, hearing, alignment, listening, TIMING_DRAFT)
    shown = aligned_result((result.audio, result.transcript_file), document, hearing, alignment, forced=forced)
    return Finished(replace(result, drafted=drafted), text, shown)


def refuse_model(options: TranscribeOptions, words: Iterable[str]) -> None:
    """Refuse an unknown model, and an English-only model for another language, before anything is opened or fetched.

    Args:
        options: with the model.
        words: of the transcript.

    Raises:
        ConfigError: there is no such model; the language of the options is not the model's only one; or the
            transcript is written in letters that no English text has.
    """
    if options.model == AUTO:  # it knows all languages
        return
    identify(options.model)
    if not is_english_only(options.model):
        return
    script = main_script(words)
    if options.language not in {None, _READ_AS}:
        reason = f"knows English only, and the language is to be {LANGUAGES[options.language or _READ_AS]}"
    elif script not in {None, LATIN}:
        reason = f"knows English only, and the transcript is in {script} letters"
    else:
        return
    raise ConfigError(f"model {options.model}", f"{reason}; take one without .en, such as --model base")
