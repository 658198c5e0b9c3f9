"""Listen to a few windows to find where the typing stops, or that it is another episode, if that leaves no doubt."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TypeVar

from pipeline.episode.aligned import aligned_result
from pipeline.episode.session import EpisodeInput
from pipeline.episode.stored_listening import StoredListening
from pipeline.matching.alignment.align import align
from pipeline.matching.findings import OF_THE_TEXT_ALONE, note_findings
from pipeline.matching.probing.heard_windows import HeardWindow, Request, hearing_of
from pipeline.matching.probing.same_episode import different_episode
from pipeline.matching.probing.search import DoubtError, Listening, find_end
from pipeline.progress import Step
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Finding, Result, Transcript
from pipeline.times import format_clock

STAGE = "looking for the end of the typing"
CHECK_STAGE = "checking that audio and transcript belong together"
"""The names of these stages in progress messages."""

_KNOWN_KINDS = OF_THE_TEXT_ALONE | {"incomplete-audio"}
"""The findings that need no more than a few windows."""

_READ_AS = "en"
T = TypeVar("T")
_log = logging.getLogger(__name__)


def probe_episode(episode: EpisodeInput, listening: StoredListening) -> Result | None:
    """Return a result whose continue point is certain, and which says nothing about the rest; None in doubt.

    Raises:
        PipelineError: the engine failed, or the audio cannot be read.
    """
    windows: dict[Request, HeardWindow] = {}
    document = parse(episode.text)
    try:
        point = _search(document, listening, windows, _READ_AS)
        if point is None:  # the language is another one, and so are the words of the text
            language = next(iter(windows.values())).language
            document = parse(episode.text, language)
            point = _search(document, listening, windows, language)
    except DoubtError as e:
        _log.info("everything is listened to: %s", e)
        return None
    if point is None:
        return None
    heard = sorted(windows.values(), key=lambda one: one.span)
    hearing = hearing_of(heard, listening.recording.duration)
    alignment = align(document.words, hearing.words, listening.session.config.align, hearing.language)
    result = aligned_result(episode.sources(listening.recording), document, hearing, alignment)
    if listening.recording.is_cut_off and point.complete:
        point = Continue(None, complete=False)  # what is typed may go on, or stop, in the missing part
    findings = (one for one in result.findings if one.kind in _KNOWN_KINDS)
    return replace(result, continue_point=point, findings=(*findings, *note_findings(document, point)))


def find_wrong_audio(episode: EpisodeInput, listening: StoredListening) -> Result | None:
    """Return a result that says that the transcript is of another episode; None if it may belong to the audio.

    Raises:
        PipelineError: the engine failed, or the audio cannot be read.
    """
    windows: dict[Request, HeardWindow] = {}
    document, duration = parse(episode.text), listening.recording.duration
    found = _sent_windows(different_episode(document, duration), listening, windows, _READ_AS, CHECK_STAGE)
    if found is None:  # the language is another one
        language = next(one.language for one in windows.values() if one.words)
        document = parse(episode.text, language)
        found = _sent_windows(different_episode(document, duration), listening, windows, language, CHECK_STAGE)
    if not found:
        return None
    heard = sorted(windows.values(), key=lambda one: one.span)
    hearing = replace(
        hearing_of(heard, duration),
        words=(),  # nothing follows from them but that they are not typed
        engine=listening.engine,
        model=listening.weights.model,
        weights=listening.weights.sha256,
    )
    alignment = align(document.words, hearing.words, listening.session.config.align, hearing.language)
    result = aligned_result(episode.sources(listening.recording), document, hearing, alignment)
    listened = format_clock(sum(one.span.duration for one in heard))
    message = (
        "the transcript does not belong to this audio: nothing that is typed is said in "
        f"{len(heard)} windows of it ({listened} of {format_clock(duration)})"
    )
    return replace(result, findings=(Finding("wrong-audio", message),))


def _search(
    document: Transcript, listening: StoredListening, windows: dict[Request, HeardWindow], language: str
) -> Continue | None:
    """Listen to what the search asks for, into ``windows``; None as soon as another language is heard."""
    return _sent_windows(find_end(document, listening.recording.duration), listening, windows, language, STAGE)


def _sent_windows(
    search: Listening[T],
    listening: StoredListening,
    windows: dict[Request, HeardWindow],
    language: str,
    stage: str,
) -> T | None:
    """Return what follows from the windows that are asked for, which are put into ``windows``.

    None as soon as another language is heard than the one in which the text was read.
    """
    try:
        request = next(search)
        while True:
            if request not in windows:
                listening.session.progress(Step(stage, len(windows), None))
                known = next((one.language for one in windows.values() if one.words), None)
                windows[request] = listening.hear_window(request, known)
            window = windows[request]
            if window.words and window.language != language:
                return None
            request = search.send(window)
    except StopIteration as e:
        found: T = e.value
        return found
