"""The second look: where written words were not heard, the sound is heard again, and the better reading kept.

Each stretch that was listened to again is kept in the store by itself, under a key of the first hearing, its time and
the settings; so a second run listens to nothing, and an edited transcript only to stretches that are new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from pipeline.files.store import Store, key_of
from pipeline.listening.transcribe.span import Reading
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.relisten_spans import Probe, find_probes, take_better
from pipeline.matching.alignment.word_grouping import in_words
from pipeline.progress import Progress, Step
from pipeline.reading.words.prompt_terms import hints
from pipeline.schema import Alignment, HeardWord, Hearing, Transcript
from pipeline.settings.config import Config
from pipeline.times import Span

STAGE = "listening again"
"""The name under which progress is told."""

Listen = Callable[[Span, tuple[str, ...]], Reading]
"""Hears a stretch by itself, told some terms."""


def look_again(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    config: Config,
    listen: Listen,
    store: Store,
    key: str,
    progress: Progress,
) -> tuple[Hearing, Alignment]:
    """Give the hearing and the alignment after a second look; the same ones where it brings nothing.

    Args:
        hearing: in words (see ``matching.alignment.word_grouping``).
        listen: what hears a stretch; called only for those that are not in the store.
        key: of the first hearing.

    Raises:
        PipelineError: as ``listen``.
    """
    probes = find_probes(transcript.words, hearing, alignment, config.second_look)
    readings: list[tuple[Probe, tuple[HeardWord, ...]]] = []
    for done, probe in enumerate(probes):
        progress(Step(STAGE, done, len(probes)))
        heard_anew = partial(_listen, listen, transcript, probe)
        reading = _kept(store, key_of(key, probe.span, _settings(config)), heard_anew)
        readings.append((probe, in_words(replace(hearing, words=reading.words)).words))
    if not probes:
        return hearing, alignment
    progress(Step(STAGE, len(probes), len(probes)))
    return _better(transcript, hearing, alignment, readings, config)


def _listen(listen: Listen, transcript: Transcript, probe: Probe) -> Reading:
    return listen(probe.span, hints(transcript, probe.written))


def _better(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    readings: Sequence[tuple[Probe, tuple[HeardWord, ...]]],
    config: Config,
) -> tuple[Hearing, Alignment]:
    """Align again where a reading was taken; go back if the whole then has fewer matches than before."""
    second = take_better(transcript.words, hearing, alignment, readings, config.align)
    if second.words == hearing.words:
        return hearing, alignment
    again = align(transcript.words, second.words, config.align, hearing.language)
    return (second, again) if _matched(again) > _matched(alignment) else (hearing, alignment)


def _settings(config: Config) -> tuple[object, ...]:
    """What changes a reading: how it is done, not where."""
    return config.second_look.hints, config.second_look.temperature


def _matched(alignment: Alignment) -> int:
    return sum(len(pairing.written) for pairing in alignment.pairings if pairing.score > 0)


def _kept(store: Store, key: str, listen: Callable[[], Reading]) -> Reading:
    reading = store.load("reading", key, Reading)
    if reading is None:
        reading = listen()
        store.save("reading", key, reading)
    return reading
