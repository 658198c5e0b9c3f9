"""The way of one episode through the rooms, a line or two for each stage.

Only here do the pure rooms and the ears meet. The ears come in as an argument, so whoever calls decides who listens.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.errors import ConfigError
from pipeline.inputs import WrittenFile, read_transcript
from pipeline.languages import LANGUAGES
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, Transcriber, is_english_only
from pipeline.listening.weights import identify
from pipeline.matching.align import align as align_words
from pipeline.matching.findings import coverage, report, speakers
from pipeline.matching.grouping import in_words
from pipeline.matching.note import find_continue, note_text, old_note_text
from pipeline.matching.timing import assign_times
from pipeline.progress import Progress, Step, silent
from pipeline.reading.alphabet import LATIN, main_script
from pipeline.reading.transcript import parse
from pipeline.schema import Hearing, Result, Source, Transcript
from pipeline.store import Store, default_folder, key_of
from pipeline.times import Ms

if TYPE_CHECKING:
    from pipeline.listening.audio import Recording
    from pipeline.listening.hear import HearOptions, WindowStore
    from pipeline.listening.speech import SpeechOptions
    from pipeline.listening.weights import Layout, Weights, WeightsOptions

HEARING_VERSION = 1
"""Counts up whenever the code of ``listening`` changes what is heard: what is stored from before is left alone then."""


_DEFAULTS = Config()
_READ_AS = "en"
"""The language that a transcript is read as before anybody has listened: places and labels are the same in all."""


@dataclass(frozen=True, slots=True)
class Ears:
    """All that listens, as functions: those of ``listening`` (see ``real_ears``), or a test's own."""

    open_recording: Callable[[Path], Recording]
    choose: Callable[[str, str], str]
    locate: Callable[[str, Layout, WeightsOptions, Progress], Weights]
    load: Callable[[TranscribeOptions, Weights], Transcriber]
    hear: Callable[[Recording, Transcriber, HearOptions, Progress, WindowStore, SpeechOptions], Hearing]


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


def real_ears() -> Ears:
    """The ears of this machine; what they need is imported here and, the heavy part, when they are first used."""
    from pipeline.listening import audio, hear, transcribe, weights  # noqa: PLC0415 -- see above

    return Ears(audio.open_recording, transcribe.choose, weights.locate, transcribe.load, hear.hear)


def align(
    audio: Path | str,
    transcript: Path | str | WrittenFile,
    config: Config = _DEFAULTS,
    *,
    ears: Ears | None = None,
    store: Store | None = None,
    progress: Progress = silent,
) -> Result:
    """Find every written word of an episode in its audio. Nothing is written but into the store.

    Args:
        audio: the path of the episode's audio.
        transcript: the path of what a human typed of it, or what was read of that file before.
        ears: what listens; by default the engines of this machine.
        store: where what was heard is kept; by default the user's (``store.default_folder``).
        progress: is told how far the work is.

    Raises:
        PipelineError: the audio, the transcript, the model or the engine cannot be used, or nobody speaks.
    """
    audio = Path(audio)
    written = transcript if isinstance(transcript, WrittenFile) else read_transcript(Path(transcript), audio)
    _refuse_model(config.transcribe, document := parse(written.source))
    ears, store = ears or real_ears(), store or Store(default_folder())
    recording = ears.open_recording(audio)
    hearing = in_words(listen(recording, config, ears, store, progress))
    if hearing.language != _READ_AS:
        document = parse(written.source, hearing.language)
    alignment = align_words(document.words, hearing.words, config.align, hearing.language)
    words, utterances = assign_times(document, hearing, alignment)
    point = find_continue(document, hearing, alignment, words, utterances)
    return Result(
        audio=Source(str(audio), recording.sha256),
        transcript_file=Source(str(written.path), written.sha256),
        transcript=document,
        hearing=hearing,
        alignment=alignment,
        words=words,
        utterances=utterances,
        continue_point=point,
        coverage=coverage(document, words),
        speakers=speakers(document, utterances),
        findings=report(document, hearing, alignment, words, utterances, point),
        versions=_versions(hearing.engine),
    )


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
    result = align(audio, transcript, config, ears=ears, store=store, progress=progress)
    return Mark(
        result=result,
        note=note_text(result.transcript, result.continue_point),
        old_note=old_note_text(result.transcript),
        heard=sum(span.duration for span in result.hearing.speech),
        full_pass=True,
    )


def listen(recording: Recording, config: Config, ears: Ears, store: Store, progress: Progress) -> Hearing:
    """Hear a recording, or take from the store what was heard of it; an engine is loaded only if it has to listen.

    Raises:
        PipelineError: the model or the engine cannot be used, or nobody speaks.
    """
    options = config.transcribe
    engine = ears.choose(options.engine, options.device)
    weights = ears.locate(options.model, LAYOUTS[engine], config.weights, progress)
    key = _hearing_key(recording, weights, engine, config)
    hearing = store.load("hearing", key, Hearing)
    if hearing is None:
        loading = f"loading the model {weights.model} ({weights.origin})"
        progress(Step(loading, 0, 1))
        transcriber = ears.load(options, weights)
        progress(Step(loading, 1, 1))
        hearing = ears.hear(recording, transcriber, config.hear, progress, store.windows(key), config.speech)
        store.save("hearing", key, hearing)
    else:
        progress(Step("listening: heard before, taken from the store", 1, 1))
    return hearing


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


def _hearing_key(recording: Recording, weights: Weights, engine: str, config: Config) -> str:
    """Made of all that changes what is heard; where it is computed and how the model is called do not."""
    how = {
        name: value for name, value in asdict(config.transcribe).items() if name not in {"engine", "model", "device"}
    }
    heard = HEARING_VERSION, recording.sha256, weights.sha256, weights.lead, engine, _version(engine)
    return key_of(*heard, how, config.hear, config.speech)


def _versions(engine: str) -> Mapping[str, str]:
    return {"cuemark": _version("cuemark"), "python": platform.python_version(), engine: _version(engine)}


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:  # run from a folder of sources, or with a test's engine
        return "unknown"
