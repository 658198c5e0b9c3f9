"""Speech and the phone in each 10 ms of it: Whisper hears the words, PocketSphinx finds their phones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.episode.engines import real_engines
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.errors import NoSpeechError
from pipeline.files.store import Store
from pipeline.listening.audio.recording import SAMPLES_PER_MS, Recording, open_recording
from pipeline.listening.forced.grammar_aligner import FRAME, GrammarAligner, Unit
from pipeline.listening.forced.phone_classifier import CLASSES, OTHER, SILENCE
from pipeline.listening.forced.pronunciations import pronunciations
from pipeline.progress import silent
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord, Hearing
from pipeline.settings.config import Config
from pipeline.times import Ms, Span

MOST_MS: Ms = 20_000
"""The longest piece: as much as the encoder gets in a run."""

PAUSE_MS: Ms = 800
"""A piece ends in a pause of this length, since music or unheard speech may be in it."""

MARGIN_MS: Ms = 300
"""The sound that a piece has before its first and after its last word."""

LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A piece of speech.

    Attributes:
        samples: at 16 kHz, float32 in -1..1, shape (num_samples,).
        labels: the class of each frame, shape (num_samples // 160,).
    """

    samples: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]


def split_files(splits: Path, data: Path, name: str) -> list[Path]:
    """Return the files of a split ("train", "tune" or "report") in a fixed order."""
    patterns = tomllib.loads(splits.read_text(encoding="utf-8"))[name]
    return sorted({path for group in patterns.values() for pattern in group for path in data.glob(pattern)})


def labelled_speech(paths: Sequence[Path], store: Store) -> Iterator[Labelled]:
    """Yield the pieces of recordings for which both engines agree that the words are said."""
    aligner = GrammarAligner()
    session = Session(Config(), real_engines(), store, silent)
    for path in paths:
        recording = open_recording(path)
        try:
            hearing = StoredListening(recording, session).hear()
        except NoSpeechError:
            continue
        for words in _pieces(hearing):
            if piece := _labelled(aligner, recording, hearing, words):
                yield piece


def _pieces(hearing: Hearing) -> Iterator[list[HeardWord]]:
    piece: list[HeardWord] = []
    for word in hearing.words:
        if piece and (word.span.start - piece[-1].span.end > PAUSE_MS or word.span.end - piece[0].span.start > MOST_MS):
            yield piece
            piece = []
        piece.append(word)
    if piece:
        yield piece


def _labelled(
    aligner: GrammarAligner, recording: Recording, hearing: Hearing, words: Sequence[HeardWord]
) -> Labelled | None:
    """Return a piece with its labels; None if it is short, or PocketSphinx does not find all of its words."""
    units = [
        Unit(ways)
        for word in words
        for key in spoken_keys(word.text, hearing.language)
        if (ways := pronunciations(key, is_abbreviation=word.text.strip(".,?!").isupper()))
    ]
    if len(units) < LEAST_WORDS:
        return None
    span = Span(max(0, words[0].span.start - MARGIN_MS), min(recording.duration, words[-1].span.end + MARGIN_MS))
    samples = recording.read(span).samples
    if None in aligner.align(samples, units):
        return None
    labels = _phones(aligner, samples)
    return labels if labels is None else Labelled(samples, labels)


def _phones(aligner: GrammarAligner, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.int64] | None:
    """Return the class of each frame, by a second pass over the words that were found last."""
    decoder = aligner.decoder
    try:
        decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw((np.clip(samples, -1, 1) * 32_767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.get_alignment()
    except RuntimeError:
        return None
    labels = np.full(len(samples) // (FRAME * SAMPLES_PER_MS), OTHER, np.int64)
    for word in found:
        for phone in word:
            place = CLASSES.index(phone.name) if phone.name in CLASSES else OTHER
            labels[phone.start : phone.start + phone.duration] = SILENCE if phone.name == "SIL" else place
    return labels


def moved(
    labels: npt.NDArray[np.int64], log_probabilities: npt.NDArray[np.float32], log_priors: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Return the same phones in the same order, each where a classifier finds it: a second round of labels.

    It is the best path through the runs of equal labels (Viterbi); each keeps at least one frame.

    Args:
        labels: the class of each frame, shape (num_frames,).
        log_probabilities: by a classifier, shape (num_frames, len(CLASSES)).
        log_priors: shape (len(CLASSES),); what is left without them is in proportion to the likelihood.
    """
    if not len(labels):
        return labels
    order = labels[np.r_[True, labels[1:] != labels[:-1]]]
    scores = (log_probabilities - log_priors)[:, order]
    best = np.full(len(order), -np.inf)
    best[0] = scores[0, 0]
    advances = np.zeros(scores.shape, np.bool_)
    for frame in range(1, len(scores)):
        before = np.r_[-np.inf, best[:-1]]
        advances[frame] = before > best
        best = np.maximum(best, before) + scores[frame]
    place, found = len(order) - 1, np.empty_like(labels)
    for frame in range(len(scores) - 1, -1, -1):
        found[frame] = order[place]
        place -= int(advances[frame, place])
    return found
