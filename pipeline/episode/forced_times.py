"""Forced alignment of an episode: the exact times of the words that were found, by the sound."""

from __future__ import annotations

from pipeline.episode.stored_listening import StoredListening
from pipeline.listening.forced import LANGUAGES
from pipeline.matching.alignment.heard_times import ForcedTime, heard_times
from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.forced.gaps import cut_gaps, known_times
from pipeline.matching.forced.stretches import Stretch, cut_into_stretches
from pipeline.schema import Alignment, Hearing, Transcript
from pipeline.settings.config import Config


def force_words(
    document: Transcript, hearing: Hearing, alignment: Alignment, listening: StoredListening
) -> dict[int, ForcedTime]:
    """Return the times of the words that forced alignment finds, by the index of the word; empty in other languages.

    Raises:
        PipelineError: the recording cannot be read.
    """
    stretches = stretches_to_force(document, hearing, alignment, listening.session.config)
    results = force_all(document, hearing, alignment, stretches, listening)
    return known_times(document, hearing, alignment, stretches, results)


def force_all(
    document: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    stretches: tuple[Stretch, ...],
    listening: StoredListening,
) -> ForcedResults:
    """Return the results of an episode's stretches (see ``stretches_to_force``), and of the gaps that these leave.

    Raises:
        PipelineError: the recording cannot be read.
    """
    results = force_stretches(stretches, listening)
    return results + force_stretches(cut_gaps(document, hearing, alignment, stretches, results), listening)


def stretches_to_force(
    document: Transcript, hearing: Hearing, alignment: Alignment, config: Config
) -> tuple[Stretch, ...]:
    """Return the stretches of an episode; none where forced alignment is off, or does not know the language."""
    if not config.forced.words or hearing.language not in LANGUAGES:
        return ()
    return cut_into_stretches(document, hearing, alignment, heard_times(document, hearing, alignment))


def force_stretches(stretches: tuple[Stretch, ...], listening: StoredListening) -> ForcedResults:
    """Return the results of stretches in which a word is found; those that were forced before are in the store.

    Raises:
        PipelineError: the recording cannot be read.
    """
    wanted = [stretch.without_places() for stretch in stretches]
    found = zip(wanted, listening.force(wanted), strict=True)
    return tuple((stretch, forced) for stretch, forced in found if any(forced.spans) or any(forced.phones or ()))
