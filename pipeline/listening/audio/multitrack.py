"""Who speaks when, where each person was recorded alone: one track each, beside the mix that was published.

A track starts when its recorder was started, so each is first put where it lies in the mix: at the shift at which its
loudness goes up and down most like the mix's. Then each is held against the mix: a microphone hears its own person near
and the others from further away, so its share of the mix is high while the own person speaks and low while others do::

    mix       ▆▇▆▆ ▇▆▇▇▆ ▆▇▇       share of one track   ████ ░░░░░ ███       high: the own person, low: somebody else
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.errors import AudioError
from pipeline.listening.audio.recording import RATE, Recording
from pipeline.listening.audio.vad import SpeechOptions, Window, windows
from pipeline.options import option
from pipeline.progress import Progress, Step, silent
from pipeline.schema import NamedTurn
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds

FRAME: Ms = 20
"""Loudness is measured over so long."""

_FLOOR_DB = -90.0
_SMOOTH = 300 // FRAME
"""In frames: for less long nobody takes the turn."""

_NEAR = MS_PER_SECOND // FRAME

Loudness = npt.NDArray[np.float32]
"""In dB below full scale, shape (num_frames,), a frame each ``FRAME`` ms."""

Shares = npt.NDArray[np.float32]
"""In dB, shape (num_tracks, num_frames)."""

Who = npt.NDArray[np.int64]
"""For each frame 0 for nobody, or 1 + the index of the track, shape (num_frames,)."""


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """How separate recordings of the speakers are put beside the mix."""

    max_offset_s: float = option(600.0, "How much earlier or later than the mix a speaker's own recording may start")
    least_likeness: float = option(
        0.3, "How alike, from 0 to 1, the loudness of a speaker's recording and the mix must be to belong together"
    )
    own_voice_db: float = option(
        8.0, "How much louder, at least, a speaker's recording has the speaker's own voice than the others'"
    )

    def __post_init__(self) -> None:
        if self.max_offset_s < 0 or not 0 <= self.least_likeness < 1 or self.own_voice_db <= 0:
            raise ValueError("max_offset_s must be 0 or more, least_likeness from 0 to 1, own_voice_db above 0")


def turns_of(
    tracks: Mapping[str, Recording], mix: Recording, options: TrackOptions, progress: Progress = silent
) -> tuple[NamedTurn, ...]:
    """Tell from the speakers' own recordings who speaks when in the mix.

    Turns are ordered, disjoint, and within the mix. Where two speak at once, the louder one has the turn.

    Raises:
        AudioError: a recording cannot be read, or does not belong to the mix.
    """
    mixed, speech = _listen(mix, progress, "the mix")
    shares = np.stack(
        [_share(name, track, mixed, options, progress) for name, track in tracks.items()]
    )  # (num_tracks, num_frames)
    spoken = np.zeros(len(mixed), bool)
    for span in speech:
        spoken[span.start // FRAME : -(-span.end // FRAME)] = True
    who = _continued(_surest(_own(shares, spoken, options.own_voice_db)), spoken)
    return tuple(_turns(tuple(tracks), who, mix.duration))


def offset_of(track: Loudness, mix: Loudness, most: int) -> tuple[int, float]:
    """Find by how many frames a track starts after the mix, negative for before, and how alike the two are there.

    The likeness is the correlation of their loudness, -1 to 1, over the frames that both have.
    """
    from scipy import signal  # noqa: PLC0415 -- loaded when there are tracks, not with the options

    one, two = (np.asarray(level - level.mean(), np.float64) for level in (mix, track))
    together = signal.correlate(one, two, mode="full", method="fft")
    lags = signal.correlation_lags(len(one), len(two), mode="full")
    within = np.abs(lags) <= most
    lag = int(lags[within][np.argmax(together[within])])
    a, b = _overlapping(mix, track, lag)
    if len(a) < 2 or not a.std() or not b.std():
        return lag, 0.0
    return lag, float(np.corrcoef(a, b)[0, 1])


def _overlapping(mix: Loudness, track: Loudness, lag: int) -> tuple[Loudness, Loudness]:
    first, second = mix[max(0, lag) :], track[max(0, -lag) :]
    length = min(len(first), len(second))
    return first[:length], second[:length]


def _listen(recording: Recording, progress: Progress, name: str) -> tuple[Loudness, tuple[Span, ...]]:
    """How loud a recording is from frame to frame, and where anybody speaks."""
    stage = f"looking through {name}"
    levels = np.full(-(-recording.duration // FRAME), _FLOOR_DB, np.float32)
    speech: list[Span] = []
    for window in windows(recording, SpeechOptions(), silent):
        at, some = window.waveform.span.start // FRAME, _loudness(window)
        levels[at : at + len(some)] = some[: len(levels) - at]  # windows are not cut at frames: each has its own place
        speech += window.speech
        progress(Step(stage, window.waveform.span.end, recording.duration, "ms"))
    return levels, tuple(speech)


def _loudness(window: Window) -> Loudness:
    size = RATE * FRAME // MS_PER_SECOND
    samples = window.waveform.samples
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)  # (num_frames, size)
    power = np.square(frames).mean(axis=1)
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), _FLOOR_DB), np.float32)


def _share(name: str, track: Recording, mix: Loudness, options: TrackOptions, progress: Progress) -> Loudness:
    """How loud a track is against the mix, in dB and on the mix's clock; shape (num_frames,)."""
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415 -- the same

    level, _ = _listen(track, progress, f"the track of {name}")
    lag, likeness = offset_of(level, mix, from_seconds(options.max_offset_s) // FRAME)
    if likeness < options.least_likeness:
        reason = f"does not fit the mix at any time (likeness {likeness:.2f})"
        raise AudioError(track.path, reason, f"is it the track of {name} in this episode?")
    moved = np.full(len(mix), _FLOOR_DB, np.float32)
    start, first = max(0, lag), max(0, -lag)
    length = min(len(mix) - start, len(level) - first)
    moved[start : start + length] = level[first : first + length]
    return np.asarray(uniform_filter1d(moved, _SMOOTH) - uniform_filter1d(mix, _SMOOTH), np.float32)


def _own(shares: Shares, spoken: npt.NDArray[np.bool_], least_db: float) -> Shares:
    """How surely each person is the one who speaks: 0 dB for a voice as near as it gets, -inf for somebody else's.

    A track that is always equally loud has one voice alone: its own, or, if it is faint, always somebody else's.
    """
    inside = shares[:, spoken] if spoken.any() else shares
    low, high = np.percentile(inside, [10, 98], axis=1)  # each of shape (num_tracks,)
    changes = high - low >= least_db
    near = high >= high.max() - least_db
    limit = np.where(changes, (low + high) / 2, np.where(near, -np.inf, np.inf))
    own = np.where(spoken & (shares >= limit[:, None]), shares - high[:, None], -np.inf)
    return np.asarray(np.where(changes[:, None], own, own - least_db), np.float32)


def _surest(own: Shares) -> Who:
    """The surest person of each frame."""
    from scipy.ndimage import median_filter  # noqa: PLC0415 -- the same

    nobody = np.full((1, own.shape[1]), np.finfo(np.float32).min, np.float32)
    return np.asarray(median_filter(np.concatenate([nobody, own]).argmax(axis=0), size=_SMOOTH))


def _continued(who: Who, spoken: npt.NDArray[np.bool_]) -> Who:
    """The same with frames of speech that are nobody's given to who speaks nearest, if that is within a second."""
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415 -- the same

    if not who.any():
        return who
    away, nearest = distance_transform_edt(who == 0, return_indices=True)
    taken = (who == 0) & spoken & (away <= _NEAR)
    return np.where(taken, who[nearest[0]], who)


def _turns(names: tuple[str, ...], who: Who, duration: Ms) -> Iterator[NamedTurn]:
    """Frames of one person as spans of time."""
    at = 0
    for row, frames in groupby(who.tolist()):
        length = sum(1 for _ in frames)
        span = Span(at * FRAME, min(duration, (at + length) * FRAME))
        at += length
        if row and span.duration:
            yield NamedTurn(span, names[row - 1])
