"""Move a file with times to another cut of its recording: read, compare or listen, write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.episode.rendered import refusal
from pipeline.episode.run import align_episode
from pipeline.episode.session import EpisodeInput, Session, ShowKnowledge
from pipeline.errors import ConfigError, OtherRecordingError, OtherWordsError, TranscriptError
from pipeline.files.results import ResultFolder, check_results, most_mode, result_path, write_results
from pipeline.files.timed_file import TimedFile, encoded, read_timed_file
from pipeline.files.timed_words import read_timed_text
from pipeline.listening.audio.recording import SAMPLES_PER_MS, Recording, open_recording
from pipeline.listening.band_levels import read_band_levels
from pipeline.matching.cuts.compare_cuts import compare_cuts
from pipeline.matching.cuts.exact_edges import find_splice, splice_windows, with_splice
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.matching.cuts.word_cuts import cuts_by_words, other_words, timed_parts
from pipeline.progress import Progress, silent
from pipeline.reading.imports.word_spans import written_pieces
from pipeline.reading.transcript import parse
from pipeline.schema import Result, Source
from pipeline.times import Span
from pipeline.writing.retimed.retimed_document import retime_alignment, retime_chapters
from pipeline.writing.retimed.retimed_markdown import retime_markdown
from pipeline.writing.retimed.retimed_subtitles import TimingLineError, retime_subtitles
from pipeline.writing.retimed.retimed_text import RetimedText

_EXACT = 2
"""Times of cues and words count as twice as exact as typed ones: people set a cue up to half a second early or late."""


@dataclass(frozen=True, slots=True)
class CutRequest:
    """What the user asks for: the file, the recording that its times are of, and the one that they shall be of.

    Attributes:
        old_audio: None if it is lost; then the words of the file are found in the new recording.
    """

    timed: Path
    old_audio: Path | None
    new_audio: Path
    folder: Path = Path()
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class MovedFile:
    """What was found and written.

    Attributes:
        old: the recording that the times were of; None if it was not given.
        new: the recording that they are of now, and its length in ms.
        cuts: where each moment of the old recording is in the new one.
        words: how many words that the file does not have are said in each new part (``cuts.added``); None where nobody
            listened.
        result: the path that was written.
    """

    old: Recording | None
    new: Source
    cuts: TimeMap
    words: tuple[int, ...] | None
    retimed: RetimedText
    result: Path


def move_to_cut(request: CutRequest, session: Session) -> MovedFile:
    """Write the file with the times of the new cut.

    Everything that can be refused without listening is refused first.

    Raises:
        ConfigError: the old recording is needed and was not given.
        OtherRecordingError: the two recordings do not belong together; nothing was written.
        OtherWordsError: the new recording does not say what the file says; nothing was written.
        PipelineError: something else went wrong; nothing was written.
    """
    timed = read_timed_file(request.timed)
    if request.old_audio is None and timed.kind == "chapters":
        reason = f"name the audio that the times of {request.timed} are of; chapters have no words"
        raise ConfigError("--from", reason)
    folder = ResultFolder.at(request.folder)
    result = result_path(request.new_audio, request.folder, timed.suffix)
    inputs = tuple(path for path in (request.timed, request.old_audio, request.new_audio) if path)
    check_results(folder, [result], inputs, session.store, overwrite=request.overwrite)
    old, words = None, None
    if request.old_audio is not None:
        old, recording = open_recording(request.old_audio), open_recording(request.new_audio)
        cuts, new = find_cuts(old, recording, session.progress), Source(str(recording.path), recording.sha256)
    else:
        cuts, heard = find_heard_cuts(timed, request.new_audio, session)
        new, words = heard.audio, other_words(heard, cuts.added)
    retimed = retime_file(timed, cuts, new)
    content, mode = {result: encoded(retimed.text)}, most_mode(request.timed)
    write_results(folder, content, session.store, overwrite=request.overwrite, mode=mode)
    return MovedFile(old, new, cuts, words, retimed, result)


def find_cuts(old: Recording, new: Recording, progress: Progress = silent) -> TimeMap:
    """Return where each moment of the old recording is in the new one.

    Raises:
        AudioError: one of them can no longer be read.
        OtherRecordingError: they are not cuts of one recording.
    """
    if old.sha256 == new.sha256:
        whole = Span(0, old.duration)
        return TimeMap((Stretch(whole, whole),), old.duration, new.duration)
    before, after = read_band_levels(old, "the old audio", progress), read_band_levels(new, "the new audio", progress)
    cuts = compare_cuts(before, after, old.duration, new.duration)
    if not cuts.stretches:
        raise OtherRecordingError(old.path, new.path)
    return _with_exact_edges(cuts, old, new)


def _with_exact_edges(cuts: TimeMap, old: Recording, new: Recording) -> TimeMap:
    """Return the map with the edges of splices as the samples have them."""
    for index in range(len(cuts.stretches) - 1):
        windows = splice_windows(*cuts.stretches[index : index + 2])
        if windows is None or any(span.end > (old if is_old else new).duration for is_old, span in windows):
            continue
        common, before, after = ((old if is_old else new).read(span).samples for is_old, span in windows)
        size = min(len(common), len(before), len(after))
        found = find_splice(common[:size], before[:size], after[:size], SAMPLES_PER_MS)
        if found is not None:
            cuts = with_splice(cuts, index, round(found / SAMPLES_PER_MS) - windows[0][1].duration // 2)
    return cuts


def find_heard_cuts(timed: TimedFile, audio: Path, session: Session) -> tuple[TimeMap, Result]:
    """Return where each moment of a file with times is in a recording by its words, and what was heard.

    Raises:
        TranscriptError: the file has no text, or its times cannot be moved.
        OtherWordsError: too few of its words are said.
        PipelineError: the recording, the model or the engine cannot be used.
    """
    text = read_timed_text(timed)
    retime_file(timed, TimeMap((), 0, 0), Source("", ""))  # a file that cannot be moved is refused before listening
    if not text.pieces and not parse(text.written.source).claims:
        raise TranscriptError(timed.path, "has no times before its labels, so there is nothing to find them by")
    options = session.config
    session = replace(session, config=replace(options, diarize=replace(options.diarize, voices=False)))
    result = align_episode(EpisodeInput(audio, text.written), session, ShowKnowledge())
    if refusal(result, str(timed.path)):
        raise OtherWordsError(timed.path, audio)
    document = result.transcript
    parts = tuple(timed_parts(document, text.pieces or written_pieces(document)))
    lasts = max((text.lasts, *(note.at for note in document.notes)))
    cuts = cuts_by_words(parts, result, lasts, _EXACT if text.pieces else 1)
    if not cuts.stretches:
        raise OtherWordsError(timed.path, audio)
    return cuts, result


def retime_file(timed: TimedFile, cuts: TimeMap, audio: Source) -> RetimedText:
    """Return the text of a file with the times of the new cut.

    Args:
        audio: the new recording.

    Raises:
        TranscriptError: the file has no times or some that cannot be moved, or is not what its kind should be.
    """
    if timed.kind == "subtitles":
        try:
            retimed = retime_subtitles(timed.text, cuts)
        except TimingLineError as e:
            raise TranscriptError(timed.path, str(e), e.line) from e
        if not retimed.kept and not retimed.dropped:
            raise TranscriptError(timed.path, "has no times of subtitles (00:00:01,000 --> 00:00:02,000)")
        return retimed
    if timed.kind == "markdown":
        return retime_markdown(timed.text, cuts)
    try:
        if timed.kind == "alignment":
            return retime_alignment(timed.document, cuts, audio)
        return retime_chapters(timed.document, cuts)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as e:
        what = "an alignment" if timed.kind == "alignment" else "JSON chapters"
        raise TranscriptError(timed.path, f"is not what {what} should be ({type(e).__name__}: {e})") from e
