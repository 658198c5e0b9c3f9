"""The second pass: where written words were not heard, the audio is transcribed again, and the better reading is kept.

Each reading of a span is stored by itself, under a key of the first hearing, the span and the settings. So a second run
listens to nothing, and after an edit of the transcript only new spans are listened to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import key_of
from pipeline.listening.transcribe.span import Reading
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.relisten_spans import UnmatchedPassage, find_passages_to_relisten, keep_better_readings
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.progress import LISTENING_AGAIN, Step
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.schema import Alignment, HeardWord, Hearing, Transcript
from pipeline.settings.config import Config


def listen_again(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, listening: StoredListening
) -> tuple[Hearing, Alignment]:
    """Return hearing and alignment after the second pass; unchanged if it brings nothing.

    Args:
        hearing: in words (see ``matching.alignment.word_grouping``).

    Raises:
        PipelineError: the engine failed.
    """
    config, progress = listening.session.config, listening.session.progress
    passages = find_passages_to_relisten(transcript.words, hearing, alignment, config.second_look.relisten_options())
    if not passages:
        return hearing, alignment
    readings: list[tuple[UnmatchedPassage, tuple[HeardWord, ...]]] = []
    progress(Step(LISTENING_AGAIN, 0, len(passages)))
    for passage, reading in zip(passages, _readings(listening, hearing, passages, transcript), strict=True):
        readings.append((passage, group_into_words(replace(hearing, words=reading.words)).words))
        progress(Step(LISTENING_AGAIN, len(readings), len(passages)))
    return _better(transcript, hearing, alignment, readings, config)


def _readings(
    listening: StoredListening, hearing: Hearing, passages: Sequence[UnmatchedPassage], transcript: Transcript
) -> Iterator[Reading]:
    """Yield the reading of each span, from the store or from the engine, which may read several at once."""
    options, store = listening.session.config.second_look, listening.session.store
    keys = [key_of(listening.key, passage.span, (options.hints, options.temperature)) for passage in passages]
    known = [store.load("reading", key, Reading) for key in keys]

    def read(passage: UnmatchedPassage, key: str, stored: Reading | None) -> Reading:
        if stored is not None:
            return stored
        reading = listening.hear_again(hearing, passage.span, select_prompt_terms(transcript, passage.written))
        store.save("reading", key, reading)
        return reading

    with ThreadPoolExecutor(listening.transcriber.at_once if None in known else 1) as pool:
        yield from pool.map(read, passages, keys, known)


def _better(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    readings: Sequence[tuple[UnmatchedPassage, tuple[HeardWord, ...]]],
    config: Config,
) -> tuple[Hearing, Alignment]:
    """Align again where a reading was taken; go back if the whole then has fewer matches than before."""
    second = keep_better_readings(transcript.words, hearing, alignment, readings, config.align)
    if second.words == hearing.words:
        return hearing, alignment
    again = align(transcript.words, second.words, config.align, hearing.language)
    return (second, again) if _num_matched(again) > _num_matched(alignment) else (hearing, alignment)


def _num_matched(alignment: Alignment) -> int:
    return sum(len(pairing.written) for pairing in alignment.pairings if pairing.score > 0)
