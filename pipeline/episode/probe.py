"""Find where the typing stops by listening to a few windows, if that leaves no doubt."""

from __future__ import annotations

import logging
from dataclasses import replace

from pipeline.episode.aligned import aligned_result
from pipeline.episode.session import EpisodeInput
from pipeline.episode.stored_listening import StoredListening
from pipeline.matching.alignment.align import align
from pipeline.matching.findings import OF_THE_TEXT_ALONE, note_findings
from pipeline.matching.probing.heard_windows import HeardWindow, Request, hearing_of
from pipeline.matching.probing.search import DoubtError, find_end
from pipeline.progress import Step
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, Result, Transcript

STAGE = "looking for the end of the typing"
"""The name of this stage in progress messages."""

_READ_AS = "en"
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
    result = aligned_result(episode.sources(listening.recording.sha256), document, hearing, alignment)
    findings = (one for one in result.findings if one.kind in OF_THE_TEXT_ALONE)
    return replace(result, continue_point=point, findings=(*findings, *note_findings(document, point)))


def _search(
    document: Transcript, listening: StoredListening, windows: dict[Request, HeardWindow], language: str
) -> Continue | None:
    """Listen to what the search asks for, into ``windows``; None as soon as another language is heard."""
    search = find_end(document, listening.recording.duration)
    try:
        request = next(search)
        while True:
            if request not in windows:
                listening.session.progress(Step(STAGE, len(windows), None))
                known = next((one.language for one in windows.values() if one.words), None)
                windows[request] = listening.hear_window(request, known)
            window = windows[request]
            if window.words and window.language != language:
                return None
            request = search.send(window)
    except StopIteration as e:
        point: Continue = e.value
        return point
