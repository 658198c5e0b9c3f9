"""Forced alignment of an episode: the exact times of the words that were found, and which of them were misheard."""

from __future__ import annotations

import msgspec

from pipeline.episode.stored_listening import StoredListening
from pipeline.listening.forced import LANGUAGES
from pipeline.matching.alignment.heard_times import ForcedTime, heard_times
from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.forced.gaps import cut_gaps, has_fits, known_times
from pipeline.matching.forced.stretches import Stretch, cut_into_stretches
from pipeline.matching.misheard import Misheard, comparisons, find_misheard
from pipeline.matching.substitutions import find_substitutions
from pipeline.progress import COMPARING, TIMING
from pipeline.schema import Alignment, Hearing, Transcript
from pipeline.settings.config import Config


class ForcedWords(msgspec.Struct, frozen=True):
    """What the sound says about the words of a transcript.

    Attributes:
        times: the times of the words that were found, by the index of the word.
        misheard: the typed words that are not what is said.
    """

    times: dict[int, ForcedTime] = {}
    misheard: tuple[Misheard, ...] = ()


def force_words(
    document: Transcript, hearing: Hearing, alignment: Alignment, listening: StoredListening, stage: str = TIMING
) -> ForcedWords:
    """Return what forced alignment finds; nothing in languages that it does not know.

    Args:
        document: the transcript.
        hearing: what was heard.
        alignment: of the two.
        listening: to the recording.
        stage: the name for the progress.

    Raises:
        PipelineError: the recording cannot be read.
    """
    stretches = stretches_to_force(document, hearing, alignment, listening.session.config)
    results = force_all(document, hearing, alignment, stretches, listening, stage)
    return known_words(document, hearing, alignment, stretches, results)


def known_words(
    document: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    stretches: tuple[Stretch, ...],
    results: ForcedResults,
) -> ForcedWords:
    """Return what follows from the results of an episode's stretches, as far as they are known."""
    if not results:
        return ForcedWords()
    times = known_times(document, hearing, alignment, stretches, results)
    return ForcedWords(times, find_misheard(hearing, find_substitutions(document, hearing, alignment), results))


def force_all(
    document: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    stretches: tuple[Stretch, ...],
    listening: StoredListening,
    stage: str = TIMING,
) -> ForcedResults:
    """Return the results of an episode's stretches (see ``stretches_to_force``).

    With them are those of the gaps that they leave, and of the words in whose place others were heard, if it is known
    how well words fit.

    Raises:
        PipelineError: the recording cannot be read.
    """
    results = force_stretches(stretches, listening, stage)
    if not has_fits(results):
        return results
    gaps = cut_gaps(document, hearing, alignment, stretches, results)
    compared = comparisons(find_substitutions(document, hearing, alignment))
    return results + force_stretches((*gaps, *compared), listening, COMPARING)


def stretches_to_force(
    document: Transcript, hearing: Hearing, alignment: Alignment, config: Config
) -> tuple[Stretch, ...]:
    """Return the stretches of an episode; none where forced alignment is off, or does not know the language."""
    if not config.forced.words or hearing.language not in LANGUAGES:
        return ()
    return cut_into_stretches(document, hearing, alignment, heard_times(document, hearing, alignment))


def force_stretches(stretches: tuple[Stretch, ...], listening: StoredListening, stage: str = TIMING) -> ForcedResults:
    """Return the results of stretches in which a word is found; those that were forced before are in the store.

    Raises:
        PipelineError: the recording cannot be read.
    """
    wanted = [stretch.without_places() for stretch in stretches]
    found = zip(wanted, listening.force(wanted, stage), strict=True)
    return tuple((stretch, forced) for stretch, forced in found if any(forced.spans) or any(forced.phones or ()))
