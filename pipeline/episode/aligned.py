"""Everything that follows from an alignment: times, the continue point, names, findings, as one result."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.episode.engines import version_of
from pipeline.episode.forced_times import ForcedWords
from pipeline.io.atomic import legal
from pipeline.listening.forced import BOTH_ALIGNERS, GRAMMAR_ALIGNER
from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.findings import list_findings, list_speakers, note_findings, word_coverage
from pipeline.matching.speakers.assignment import Naming, name_speakers, with_heard_speakers
from pipeline.matching.speakers.by_track import name_by_tracks
from pipeline.matching.speakers.embeddings import unsampled_spans, with_samples
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import weights_match
from pipeline.matching.voice_edges import with_voice_edges
from pipeline.schema import (
    Alignment,
    Diarization,
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
from pipeline.times import Span

_log = logging.getLogger(__name__)

SpeakerTurns = Diarization | tuple[NamedTurn, ...] | None
"""Who speaks when: clusters without names, or named turns that are proven by tracks; None if it is not known."""

Sample = Callable[[Sequence[Span]], tuple[VoiceSample, ...]]
"""Computes the embeddings of the voice in some spans."""


_NOTHING_FORCED = ForcedWords()


def _no_samples(_: Sequence[Span]) -> tuple[VoiceSample, ...]:
    return ()


def aligned_result(
    sources: tuple[Source, Source | None],
    document: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    turns: SpeakerTurns = None,
    sample: Sample = _no_samples,
    book: VoiceBook | None = None,
    forced: ForcedWords = _NOTHING_FORCED,
) -> Result:
    """Compute everything that follows from an alignment.

    Args:
        sources: the audio and the transcript's file; None if there is none.
        document: the transcript.
        hearing: what was heard, in words (see ``matching.alignment.word_grouping``).
        alignment: of the two above.
        turns: who speaks when.
        sample: computes further samples of voices, where there are too few to judge a label.
        book: the show's voice book; ``Result.examples`` then has what the episode adds.
        forced: what forced alignment finds of the transcript's words.
    """
    words, utterances = assign_times(document, hearing, alignment, forced=forced.times)
    is_cut_off = sources[0].is_cut_off
    voices = turns.turns if isinstance(turns, Diarization) else ()
    naming = _naming(document, words, utterances, turns, sample, book)
    utterances = with_heard_speakers(with_voice_edges(document, words, utterances, voices), naming)
    point = find_continue_point(document, hearing, alignment, words, utterances, turns=voices, is_cut_off=is_cut_off)
    found = (
        *list_findings(document, hearing, alignment, words, utterances, naming, forced.misheard, is_cut_off=is_cut_off),
        *note_findings(document, point),
    )
    return Result(
        audio=sources[0],
        transcript_file=sources[1],
        transcript=document,
        hearing=hearing,
        alignment=alignment,
        words=words,
        utterances=utterances,
        continue_point=point,
        coverage=word_coverage(document, alignment, words),
        speakers=list_speakers(document, utterances, naming),
        findings=found,
        versions=_versions("cuemark", hearing.engine, GRAMMAR_ALIGNER if forced.times else None),
        named_turns=naming.turns if naming else (),
        diarization=turns.engine if isinstance(turns, Diarization) else "tracks" if turns else None,
        forced_by=_aligners(forced.times),
        examples=_examples(sources, turns, naming, found) if book and naming else None,
    )


def _examples(
    sources: tuple[Source, Source | None], turns: SpeakerTurns, naming: Naming, found: Sequence[Finding]
) -> VoiceExamples | None:
    """Return what an episode adds to the voice book; None without labels, or if they do not belong to this audio."""
    if not isinstance(turns, Diarization) or sources[1] is None or any(one.kind == "wrong-audio" for one in found):
        return None
    audio = sources[0]
    return VoiceExamples(audio.sha256, legal(Path(audio.path).stem), turns.weights, naming.examples)


def _naming(
    document: Transcript,
    words: tuple[TimedWord, ...],
    utterances: tuple[TimedUtterance, ...],
    turns: SpeakerTurns,
    sample: Sample,
    book: VoiceBook | None,
) -> Naming | None:
    """Name the clusters or the tracks (the speakers' own recordings); None if there is neither."""
    if not isinstance(turns, Diarization):
        return name_by_tracks(document, words, utterances, turns) if turns else None
    more = sample(unsampled_spans(document, words, utterances, turns)) if turns.turns else ()
    if book and not weights_match(book, turns.weights):
        _log.warning("the voice book of %s is not used: it was learned with other models for voices", book.show)
    return name_speakers(document, words, utterances, with_samples(turns, more) if more else turns, book)


def _aligners(forced: Mapping[int, ForcedTime]) -> str | None:
    """Return what timed the words; None if none was forced."""
    if not forced:
        return None
    return GRAMMAR_ALIGNER if all(one.apart is None for one in forced.values()) else BOTH_ALIGNERS


def _versions(*distributions: str | None) -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version_of(name) for name in distributions if name}}
