"""The way of one episode through the rooms, a line or two for each stage."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from pipeline.episode.engines import Ears, Listening, real_ears, version_of
from pipeline.episode.second_pass import look_again
from pipeline.errors import ConfigError
from pipeline.files.store import Store, default_folder
from pipeline.files.transcript_file import WrittenFile, read_transcript
from pipeline.io.atomic import legal
from pipeline.languages import LANGUAGES
from pipeline.listening.diarize import speaker_count
from pipeline.listening.models.locate import identify
from pipeline.listening.transcribe import TranscribeOptions, is_english_only
from pipeline.matching.alignment.align import align as align_words
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.word_grouping import in_words
from pipeline.matching.continue_note import find_continue, note_text, old_note_text
from pipeline.matching.drafting.draft_turns import draft as draft_turns
from pipeline.matching.drafting.topics import find_parts
from pipeline.matching.findings import coverage, report, speakers
from pipeline.matching.speakers.assignment import UNKNOWN, Naming, heard_by_name, name_speakers
from pipeline.matching.speakers.by_track import name_by_tracks
from pipeline.matching.speakers.embeddings import unheard, with_samples
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import fits
from pipeline.progress import Progress, silent
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import vocabulary
from pipeline.reading.words.prompt_terms import hints
from pipeline.reading.words.script import LATIN, main_script
from pipeline.schema import (
    Alignment,
    Diarization,
    DraftTurn,
    Finding,
    Hearing,
    NamedTurn,
    Result,
    Source,
    TimedUtterance,
    TimedWord,
    Transcript,
    VoiceExamples,
    VoiceSample,
)
from pipeline.settings.config import Config
from pipeline.times import Ms, Span
from pipeline.writing.finished import render_finished
from pipeline.writing.new_document import House, house_of, render_fresh

_log = logging.getLogger(__name__)
_DEFAULTS = Config()
Tracks = Mapping[str, Path | str]
"""Speakers' own recordings by their names."""

_NO_TRACKS: Tracks = MappingProxyType({})

Who = Diarization | tuple[NamedTurn, ...] | None
"""Who speaks when: voices that have no names yet, or named turns that are proven; None where it is not known."""

Sample = Callable[[Sequence[Span]], tuple[VoiceSample, ...]]
"""Listens to the voice in some stretches once more."""


def _no_samples(_: Sequence[Span]) -> tuple[VoiceSample, ...]:
    return ()


_READ_AS = "en"
"""The language that a transcript is read as before anybody has listened: places and labels are the same in all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the typing stops, for ``marker``.

    Attributes:
        note: the note as it is to stand; None where the transcript is complete.
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
    """A document into which was drafted what nobody had typed.

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
    *,
    ears: Ears | None = None,
    store: Store | None = None,
    progress: Progress = silent,
    tracks: Tracks = _NO_TRACKS,
    book: VoiceBook | None = None,
    terms: tuple[str, ...] = (),
) -> Result:
    """Find every written word of an episode in its audio. Nothing is written but into the store.

    Args:
        audio: the path of the episode's audio.
        transcript: the path of what a human typed of it, or what was read of that file before.
        ears: what listens; by default the engines of this machine.
        store: where what was heard is kept; by default the user's (``store.default_folder``).
        progress: is told how far the work is.
        tracks: the speakers' own recordings by their names, where the show has them; proof of who speaks.
        book: the show's voices, which name whom no label names; ``Result.examples`` is then what the episode teaches,
            for ``matching.speakers.profile_updates.learn``. It is itself not changed.
        terms: names and terms of the show (see ``reading.vocabulary``), which Whisper may be told after the
            transcript's own, if English is spoken.

    Raises:
        PipelineError: the audio, the transcript, the model or the engine cannot be used, or nobody speaks.
    """
    audio = Path(audio)
    written = transcript if isinstance(transcript, WrittenFile) else read_transcript(Path(transcript), audio)
    return _align(audio, written, config, ears, store, progress, tracks, book, terms)


def marker(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    *,
    ears: Ears | None = None,
    store: Store | None = None,
    progress: Progress = silent,
) -> Mark:
    """Find where the typing stops, and no more; for now by the same full pass as ``align``, whose arguments it has.

    Raises:
        PipelineError: as ``align``.
    """
    mute = replace(config, diarize=replace(config.diarize, voices=False))  # it does not matter whose voices they are
    result = align(audio, transcript, mute, ears=ears, store=store, progress=progress)
    return Mark(
        result=result,
        note=note_text(result.transcript, result.continue_point),
        old_note=old_note_text(result.transcript),
        heard=sum(span.duration for span in result.hearing.speech),
        full_pass=True,
    )


def finish(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    *,
    ears: Ears | None = None,
    store: Store | None = None,
    progress: Progress = silent,
    tracks: Tracks = _NO_TRACKS,
    book: VoiceBook | None = None,
    terms: tuple[str, ...] = (),
) -> Finished:
    """Draft the rest of an episode below what a human typed of it; the arguments are those of ``align``.

    Raises:
        PipelineError: as ``align``.
    """
    result = align(
        audio, transcript, config, ears=ears, store=store, progress=progress, tracks=tracks, book=book, terms=terms
    )
    drafted = draft_turns(result, result.named_turns, config.draft, terms=terms)
    return _finished(result, drafted, render_finished(result, drafted, config.finish), config)


def draft(
    audio: Path | str,
    title: str,
    config: Config = _DEFAULTS,
    *,
    like: Path | str | WrittenFile | None = None,
    ears: Ears | None = None,
    store: Store | None = None,
    progress: Progress = silent,
    tracks: Tracks = _NO_TRACKS,
    book: VoiceBook | None = None,
    terms: tuple[str, ...] = (),
) -> Finished:
    """Draft an episode of which nothing is typed yet; the other arguments are those of ``align``.

    Args:
        title: of the document.
        like: another transcript of the show, whose style is followed; without one, that of the community. Its terms are
            told behind ``terms``.

    Raises:
        PipelineError: as ``align``; or the other transcript cannot be read.
    """
    audio = Path(audio)
    sample_file = like if isinstance(like, WrittenFile) or like is None else read_transcript(Path(like), audio)
    if sample_file:
        terms = (*terms, *vocabulary([parse(sample_file.source)]))
    result = _align(audio, None, config, ears, store, progress, tracks, book, terms)
    sample = parse(sample_file.source, result.hearing.language) if sample_file else None
    turns = draft_turns(result, result.named_turns, config.draft, sample, terms)
    house = house_of(sample) if sample else House()
    panel = [name for name in dict.fromkeys(turn.speaker for turn in turns) if name and not name.startswith(UNKNOWN)]
    text = render_fresh(turns, title, panel, find_parts(turns), house, times=True)
    return _finished(result, turns, text, config)


def _align(
    audio: Path,
    written: WrittenFile | None,
    config: Config,
    ears: Ears | None,
    store: Store | None,
    progress: Progress,
    tracks: Tracks,
    book: VoiceBook | None,
    terms: tuple[str, ...],
) -> Result:
    """Align what is typed, or nothing, with the audio."""
    source = written.source if written else ""
    document = parse(source)
    _refuse_model(config.transcribe, document)
    ears, store = ears or real_ears(), store or Store(default_folder())
    recording = ears.open_recording(audio)
    listening = Listening(recording, config, ears, store, progress)
    tells = config.diarize.voices and not tracks
    own = {name: ears.open_recording(Path(path)) for name, path in tracks.items()}
    _ = listening.weights, listening.voices if tells else None  # all that is needed is here before anybody listens
    first = in_words(listening.hear(hints(document, show=terms) if config.transcribe.hints else ()))
    if first.language != _READ_AS:
        document = parse(source, first.language)
    matches = align_words(document.words, first.words, config.align, first.language)
    listen = partial(listening.hear_again, first)
    hearing, alignment = look_again(document, first, matches, config, listen, store, listening.key, progress)
    files = Source(str(audio), recording.sha256), Source(str(written.path), written.sha256) if written else None
    who: Who = None
    if own:
        who = listening.follow(own)
    elif tells:
        who = listening.tell_apart(speaker_count(config.diarize.speakers, len(document.panel)))
    return _result(files, document, hearing, alignment, who, listening.sample, book)


def _finished(result: Result, drafted: tuple[DraftTurn, ...], text: str, config: Config) -> Finished:
    """Align the whole document with what was heard already: drafted words are found where they were heard."""
    hearing = result.hearing
    document = parse(text, hearing.language)
    alignment = align_words(document.words, hearing.words, config.align, hearing.language)
    shown = _result((result.audio, result.transcript_file), document, hearing, alignment)
    return Finished(replace(result, drafted=drafted), text, shown)


def _result(
    files: tuple[Source, Source | None],
    document: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    who: Who = None,
    sample: Sample = _no_samples,
    book: VoiceBook | None = None,
) -> Result:
    """Everything that follows from where the words were found."""
    words, utterances = assign_times(document, hearing, alignment)
    point = find_continue(document, hearing, alignment, words, utterances)
    naming = _naming(document, words, utterances, who, sample, book)
    utterances = heard_by_name(utterances, naming)
    return Result(
        audio=files[0],
        transcript_file=files[1],
        transcript=document,
        hearing=hearing,
        alignment=alignment,
        words=words,
        utterances=utterances,
        continue_point=point,
        coverage=coverage(document, words),
        speakers=speakers(document, utterances, naming),
        findings=(found := report(document, hearing, alignment, words, utterances, point, naming)),
        versions={"python": platform.python_version(), **_versions("cuemark", hearing.engine)},
        named_turns=naming.turns if naming else (),
        diarization=who.engine if isinstance(who, Diarization) else "tracks" if who else None,
        examples=_examples(files, who, naming, found) if book and naming else None,
    )


def _examples(
    files: tuple[Source, Source | None], who: Who, naming: Naming, found: Sequence[Finding]
) -> VoiceExamples | None:
    """What an episode teaches of its people's voices; None without labels, and where they are not this audio's."""
    if not isinstance(who, Diarization) or files[1] is None or any(one.kind == "wrong-audio" for one in found):
        return None
    audio = files[0]
    return VoiceExamples(audio.sha256, legal(Path(audio.path).stem), who.weights, naming.examples)


def _naming(
    document: Transcript,
    words: tuple[TimedWord, ...],
    utterances: tuple[TimedUtterance, ...],
    who: Who,
    sample: Sample,
    book: VoiceBook | None,
) -> Naming | None:
    """Names for voices, or for the speakers' own recordings; None where nobody told anybody apart."""
    if not isinstance(who, Diarization):
        return name_by_tracks(document, words, utterances, who) if who else None
    once_more = sample(unheard(document, words, utterances, who)) if who.turns else ()
    if book and not fits(book, who.weights):
        _log.warning("the voice book of %s is not used: it was learned with other models for voices", book.show)
    return name_speakers(document, words, utterances, with_samples(who, once_more) if once_more else who, book)


def _versions(*distributions: str) -> dict[str, str]:
    return {name: version_of(name) for name in distributions}


def _refuse_model(options: TranscribeOptions, document: Transcript) -> None:
    """Refuse a model that is none, or that hears English alone and is asked for another language.

    That is told before anything is opened, fetched or heard.

    Raises:
        ConfigError: there is no such model; another language is given than the model's only one, or the transcript is
            written in letters that no English text has.
    """
    identify(options.model)
    if not is_english_only(options.model):
        return
    script = main_script(word.shown for word in document.words)
    if options.language not in {None, _READ_AS}:
        reason = f"knows English only, and the language is to be {LANGUAGES[options.language or _READ_AS]}"
    elif script not in {None, LATIN}:
        reason = f"knows English only, and the transcript is in {script} letters"
    else:
        return
    raise ConfigError(f"model {options.model}", f"{reason}; take one without .en, such as --model base")
