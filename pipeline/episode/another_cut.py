"""Move a file with times to another cut of its recording: read, compare both recordings by their sound, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import OtherRecordingError, TranscriptError
from pipeline.files.results import ResultFolder, check_results, most_mode, result_path, write_results
from pipeline.files.store import Store
from pipeline.files.timed_file import TimedFile, encoded, read_timed_file
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.band_levels import read_band_levels
from pipeline.matching.cuts.compare_cuts import compare_cuts
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.progress import Progress, silent
from pipeline.schema import Source
from pipeline.times import Span
from pipeline.writing.retimed.retimed_document import retime_alignment, retime_chapters
from pipeline.writing.retimed.retimed_markdown import retime_markdown
from pipeline.writing.retimed.retimed_subtitles import TimingLineError, retime_subtitles
from pipeline.writing.retimed.retimed_text import RetimedText


@dataclass(frozen=True, slots=True)
class CutRequest:
    """What the user asks for: the file, the recording that its times are of, and the one that they shall be of."""

    timed: Path
    old_audio: Path
    new_audio: Path
    folder: Path = Path()
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class MovedFile:
    """What was found and written.

    Attributes:
        old, new: the recordings.
        result: the path that was written.
    """

    old: Recording
    new: Recording
    cuts: TimeMap
    retimed: RetimedText
    result: Path


def move_to_cut(request: CutRequest, store: Store, progress: Progress = silent) -> MovedFile:
    """Write the file with the times of the new cut.

    Everything that can be refused without listening is refused first.

    Raises:
        OtherRecordingError: the two recordings do not belong together; nothing was written.
        PipelineError: something else went wrong; nothing was written.
    """
    timed = read_timed_file(request.timed)
    folder = ResultFolder.at(request.folder)
    result = result_path(request.new_audio, request.folder, timed.suffix)
    inputs = (request.timed, request.old_audio, request.new_audio)
    check_results(folder, [result], inputs, store, overwrite=request.overwrite)
    old, new = open_recording(request.old_audio), open_recording(request.new_audio)
    cuts = find_cuts(old, new, progress)
    retimed = retime_file(timed, cuts, Source(str(new.path), new.sha256))
    content, mode = {result: encoded(retimed.text)}, most_mode(request.timed)
    write_results(folder, content, store, overwrite=request.overwrite, mode=mode)
    return MovedFile(old, new, cuts, retimed, result)


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
    return cuts


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
