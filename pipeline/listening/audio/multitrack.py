"""Find who speaks when from a multitrack recording: one track for each speaker, and the published mix.

Each recorder was started at another time, so each track is first aligned with the mix: at the offset with the largest
cross-correlation of the two loudness curves. Then the loudness of each track is compared with the mix. A microphone
picks up its own speaker from near and the others from further away, so the relative level of a track (its level minus
the mix's, in dB) is high while its own speaker speaks and low while others do::

    mix       ▆▇▆▆ ▇▆▇▇▆ ▆▇▇       relative level of one track   ████ ░░░░░ ███       high: its own speaker
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.errors import AudioError
from pipeline.listening.audio.recording import RATE, Recording
from pipeline.listening.audio.vad import SpeechOptions, Window, speech_windows
from pipeline.options import option
from pipeline.progress import Progress, Step, silent
from pipeline.schema import NamedTurn
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds

FRAME: Ms = 20
"""The length of the frames over which loudness is measured."""

_SILENCE_DBFS = -90.0
"""Lower levels are set to this: it is the level of the last bit of a 16-bit sample."""

_SMOOTHING_FRAMES = 300 // FRAME
"""Levels and speakers are smoothed over so many frames, so no turn is shorter than about half of it."""

_MAX_FILL_FRAMES = MS_PER_SECOND // FRAME
"""Speech without a speaker gets the nearest speaker within so many frames."""

Loudness = npt.NDArray[np.float32]
"""Level in dBFS, shape (num_frames,), one frame each ``FRAME`` ms."""

TrackLevels = npt.NDArray[np.float32]
"""Relative levels in dB, shape (num_tracks, num_frames)."""

ActiveTrack = npt.NDArray[np.int64]
"""For each frame 0 (no speaker) or 1 + the index of the track, shape (num_frames,)."""


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """How separate recordings of the speakers are aligned with the mix."""

    max_offset_s: float = option(600.0, "How much earlier or later than the mix a speaker's own recording may start")
    least_likeness: float = option(
        0.3, "The least correlation, from 0 to 1, of the loudness of a speaker's recording and the mix"
    )
    own_voice_db: float = option(
        8.0, "How much louder, at least, the speaker's own voice is in their recording than the voices of the others"
    )

    def __post_init__(self) -> None:
        if self.max_offset_s < 0 or not 0 <= self.least_likeness < 1 or self.own_voice_db <= 0:
            raise ValueError("max_offset_s must be 0 or more, least_likeness from 0 to 1, own_voice_db above 0")


def turns_from_tracks(
    tracks: Mapping[str, Recording], mix: Recording, options: TrackOptions, progress: Progress = silent
) -> tuple[NamedTurn, ...]:
    """Return who speaks when in the mix, from the speakers' own recordings.

    Turns are ordered, disjoint, and within the mix. If two people speak at once, the louder one has the turn.

    Args:
        tracks: the recording of each speaker, by name.

    Raises:
        AudioError: a recording cannot be read, or does not belong to the mix.
    """
    mix_level, speech = _measure(mix, progress, "the mix")
    levels = np.stack(
        [_relative_level(name, track, mix_level, options, progress) for name, track in tracks.items()]
    )  # (num_tracks, num_frames)
    is_speech = np.zeros(len(mix_level), bool)
    for span in speech:
        is_speech[span.start // FRAME : -(-span.end // FRAME)] = True
    active = _fill_gaps(_loudest_speaker(_own_voice_levels(levels, is_speech, options.own_voice_db)), is_speech)
    return tuple(_turns(tuple(tracks), active, mix.duration))


def find_offset(track: Loudness, mix: Loudness, max_offset: int) -> tuple[int, float]:
    """Find the offset of a track in the mix by cross-correlation.

    Args:
        max_offset: in frames of ``FRAME`` ms.

    Returns:
        How many frames after the mix the track starts (negative: before), and the Pearson correlation, -1 to 1, of the
        two loudness curves over the frames that both have; 0 if there are fewer than 2 or one curve is constant.
    """
    from scipy import signal  # noqa: PLC0415 -- loaded only for multitrack recordings

    mix_centred, track_centred = (np.asarray(level - level.mean(), np.float64) for level in (mix, track))
    correlation = signal.correlate(mix_centred, track_centred, mode="full", method="fft")
    lags = signal.correlation_lags(len(mix_centred), len(track_centred), mode="full")
    allowed = np.abs(lags) <= max_offset
    lag = int(lags[allowed][np.argmax(correlation[allowed])])
    mix_part, track_part = _overlapping(mix, track, lag)
    if len(mix_part) < 2 or not mix_part.std() or not track_part.std():
        return lag, 0.0
    return lag, float(np.corrcoef(mix_part, track_part)[0, 1])


def _overlapping(mix: Loudness, track: Loudness, lag: int) -> tuple[Loudness, Loudness]:
    first, second = mix[max(0, lag) :], track[max(0, -lag) :]
    length = min(len(first), len(second))
    return first[:length], second[:length]


def _measure(recording: Recording, progress: Progress, name: str) -> tuple[Loudness, tuple[Span, ...]]:
    """Return the loudness of a recording and its voice activity."""
    stage = f"looking through {name}"
    levels = np.full(-(-recording.duration // FRAME), _SILENCE_DBFS, np.float32)
    speech: list[Span] = []
    for window in speech_windows(recording, SpeechOptions(), silent):
        at, part = window.waveform.span.start // FRAME, _loudness(window)
        levels[at : at + len(part)] = part[: len(levels) - at]  # a window does not end at a frame: round each start
        speech += window.speech
        progress(Step(stage, window.waveform.span.end, recording.duration, "ms"))
    return levels, tuple(speech)


def _loudness(window: Window) -> Loudness:
    size = RATE * FRAME // MS_PER_SECOND
    samples = window.waveform.samples
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)  # (num_frames, size)
    power = np.square(frames).mean(axis=1)
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), _SILENCE_DBFS), np.float32)  # 1e-12: no log of 0


def _relative_level(name: str, track: Recording, mix: Loudness, options: TrackOptions, progress: Progress) -> Loudness:
    """Return the smoothed level of a track minus the mix's, in dB, on the mix's clock; shape (num_frames,)."""
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415 -- the same

    level, _ = _measure(track, progress, f"the track of {name}")
    lag, correlation = find_offset(level, mix, from_seconds(options.max_offset_s) // FRAME)
    if correlation < options.least_likeness:
        reason = f"does not fit the mix at any time (correlation {correlation:.2f})"
        raise AudioError(track.path, reason, f"is it the track of {name} in this episode?")
    aligned = np.full(len(mix), _SILENCE_DBFS, np.float32)
    start, first = max(0, lag), max(0, -lag)
    length = min(len(mix) - start, len(level) - first)
    aligned[start : start + length] = level[first : first + length]
    relative = uniform_filter1d(aligned, _SMOOTHING_FRAMES) - uniform_filter1d(mix, _SMOOTHING_FRAMES)
    return np.asarray(relative, np.float32)


def _own_voice_levels(levels: TrackLevels, is_speech: npt.NDArray[np.bool_], least_db: float) -> TrackLevels:
    """Return the level of each track's own speaker: 0 dB where it is loudest, -inf where another person speaks.

    A track with a constant level has only one voice: that of its own speaker or, if it is faint, only those of others.

    Args:
        levels: relative levels, shape (num_tracks, num_frames).
        is_speech: the voice activity of the mix, shape (num_frames,).
        least_db: how much louder, at least, a track's own speaker is than the others.

    Returns:
        Shape (num_tracks, num_frames).
    """
    in_speech = levels[:, is_speech] if is_speech.any() else levels
    # Percentiles in place of minimum and maximum, against outliers: each of shape (num_tracks,).
    low, high = np.percentile(in_speech, [10, 98], axis=1)
    changes = high - low >= least_db
    near = high >= high.max() - least_db
    limit = np.where(changes, (low + high) / 2, np.where(near, -np.inf, np.inf))
    own = np.where(is_speech & (levels >= limit[:, None]), levels - high[:, None], -np.inf)
    return np.asarray(np.where(changes[:, None], own, own - least_db), np.float32)


def _loudest_speaker(own: TrackLevels) -> ActiveTrack:
    """Return the track with the largest level in each frame, smoothed over time."""
    from scipy.ndimage import median_filter  # noqa: PLC0415 -- the same

    no_speaker = np.full((1, own.shape[1]), np.finfo(np.float32).min, np.float32)
    return np.asarray(median_filter(np.concatenate([no_speaker, own]).argmax(axis=0), size=_SMOOTHING_FRAMES))


def _fill_gaps(active: ActiveTrack, is_speech: npt.NDArray[np.bool_]) -> ActiveTrack:
    """Give frames with speech but no speaker the nearest speaker, if that is at most a second away."""
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415 -- the same

    if not active.any():
        return active
    distance, nearest = distance_transform_edt(active == 0, return_indices=True)
    fillable = (active == 0) & is_speech & (distance <= _MAX_FILL_FRAMES)
    return np.where(fillable, active[nearest[0]], active)


def _turns(names: tuple[str, ...], active: ActiveTrack, duration: Ms) -> Iterator[NamedTurn]:
    """Yield each run of frames of one speaker as a turn."""
    at = 0
    for row, frames in groupby(active.tolist()):
        length = sum(1 for _ in frames)
        span = Span(at * FRAME, min(duration, (at + length) * FRAME))
        at += length
        if row and span.duration:
            yield NamedTurn(span, names[row - 1])
