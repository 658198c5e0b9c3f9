"""Pack spans of speech into chunks of at most 30 s for Whisper, and move its words into the speech.

::

    clips      [---]  [-----]        [--]      voice activity
    chunks   [----------------]    [------]    decoded at once, with a margin
    words       [a]   [b][c]         [d]       each inside one clip

Whisper costs the same for 1 s as for 30 s, so clips that are close are decoded together with the pauses between them.
The word times that it returns reach into pauses (0.3 s at the median for the first word after one), so each word is
moved into its clip.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import Waveform
from pipeline.listening.audio.speech_spans import clip_spans
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.schema import HeardWord
from pipeline.times import MS_PER_SECOND, Ms, Span

MARGIN: Ms = 200
"""Audio before and after the speech of a chunk: voice activity starts a little late on soft consonants."""

_MAX_PAUSE: Ms = 3 * MS_PER_SECOND
"""Clips further apart are not decoded together: the music between them would be decoded too."""

_MIN_UNHEARD: Ms = MS_PER_SECOND
"""Speech without a word is decoded again from this length on; shorter may be the end of a word, a breath, a laugh."""

_MAX_ROUNDS = 2
"""The first decoding, and one of the rest. In an hour of podcasts, with a hint, 93 of 209 words of a second round were
those that another model hears, and one of 37 of a third and fourth: what is left then is laughter and jingles, of which
Whisper makes “Thank you for watching.”, and one name ten times."""

_FRAME: Ms = 20
"""Cuts are made at multiples of this length, and no heard word is shorter. Whisper's time resolution is 20 ms too."""

_MAX_DISTANCE: Ms = 300
"""A word further from any speech than this was invented. No measurement is recorded for it."""


_NO_SPEECH_PROBABILITY, _UNSURE_LOGPROB, _GIBBERISH_LOGPROB = 0.6, -0.35, -1.5
"""Limits that tiny.en and base exceed on silence, tones, chords and noise, and not on speech (-0.1 to -1.0).

The test ``test_silence_is_distinguished_from_speech`` has the measured values.
"""


@dataclass(frozen=True, slots=True)
class RawWord:
    """One word of a model's output; times in seconds from the start of its waveform, probability 0..1."""

    text: str
    start_s: float
    end_s: float
    probability: float


def hear_all(
    waveform: Waveform, clips: Sequence[Span], lead: Ms, decode: Callable[[Sequence[Span]], Iterable[RawWord]]
) -> tuple[HeardWord, ...]:
    """Transcribe all clips with ``decode``.

    A model that decodes without timestamps may skip seconds at the start or the end of a chunk if the speaker or the
    topic changes. If the speech there got no word, it is decoded again by itself.

    Args:
        clips: spans of speech in ms, ordered and disjoint, inside the waveform.
        lead: see ``place_words``.
        decode: transcribes chunks; its words are in seconds from the waveform's start.

    Returns:
        Words as ``place_words`` returns them, in the order of their starts.
    """
    words: list[HeardWord] = []
    groups = [tuple(clips)]
    for _ in range(_MAX_ROUNDS):
        chunks = [(chunk, group) for group in groups for chunk in pack(waveform, group)]
        if not chunks:
            break
        speech = [clip for group in groups for clip in group]
        heard = place_words(decode([chunk for chunk, _ in chunks]), speech, waveform.at, lead)
        groups = [rest for chunk, group in chunks for rest in _unheard_ends(clip_spans(group, chunk), heard)]
        words += heard
    return tuple(sorted(words, key=lambda word: word.span.start))


def _unheard_ends(clips: Sequence[Span], heard: Sequence[HeardWord]) -> Iterator[tuple[Span, ...]]:
    """Yield the speech before the first and after the last word in ``clips``, if it is long enough for a few words."""
    inside = [word.span for word in heard if clips[0].start <= word.span.start < clips[-1].end]
    if not inside:  # decoded again, it would be as empty
        return
    before, after = Span(clips[0].start, inside[0].start), Span(inside[-1].end, max(inside[-1].end, clips[-1].end))
    for end in (clip_spans(clips, before), clip_spans(clips, after)):
        if sum(clip.duration for clip in end) >= _MIN_UNHEARD:
            yield end


def pack(waveform: Waveform, clips: Sequence[Span]) -> tuple[Span, ...]:
    """Pack clips into chunks of at most 30 s, including margins, inside the waveform.

    A longer clip is cut at its quietest moment in the last third of what fits into a chunk.

    Args:
        clips: spans of speech in ms, ordered and disjoint.

    Returns:
        Spans in ms, in order; neighbours may overlap by their margins.
    """
    speech: list[Span] = []
    for clip in (part for whole in clips for part in _split(waveform, whole)):
        if speech and _fits(speech[-1], clip):
            speech[-1] = speech[-1].cover(clip)
        else:
            speech.append(clip)
    start, end = waveform.span.start, waveform.span.end
    return tuple(Span(max(start, part.start - MARGIN), min(end, part.end + MARGIN)) for part in speech)


def _fits(chunk: Span, clip: Span) -> bool:
    close = clip.start - chunk.end <= _MAX_PAUSE
    return close and clip.end - chunk.start <= WHISPER_WINDOW_MS - 2 * MARGIN


def _split(waveform: Waveform, clip: Span) -> Iterator[Span]:
    longest = WHISPER_WINDOW_MS - 2 * MARGIN
    while clip.duration > longest:
        cut = _quietest_frame(waveform, Span(clip.start + longest * 2 // 3, clip.start + longest))
        yield Span(clip.start, cut)
        clip = Span(cut, clip.end)
    if clip.duration > 0:
        yield clip


def _quietest_frame(waveform: Waveform, within: Span) -> Ms:
    samples = waveform.crop(within).samples
    size = _FRAME * waveform.rate // MS_PER_SECOND
    frames = samples[: len(samples) // size * size].reshape(-1, size)  # (num_frames, size)
    # Over 5 frames (0.1 s): a dip of one frame is not a pause.
    power = np.convolve((frames**2).mean(axis=1), np.ones(5), mode="same")
    return within.start + int(power.argmin()) * _FRAME


def place_words(heard: Iterable[RawWord], clips: Sequence[Span], at: Ms, lead: Ms) -> tuple[HeardWord, ...]:
    """Move words to the recording's clock and into the speech that they belong to.

    Args:
        heard: words of one waveform, in order.
        clips: spans of speech in ms, ordered and disjoint.
        at: the start of the waveform, in ms.
        lead: by how many ms the word times of this model are too early; negative if they are too late.

    Returns:
        Words in the order of their starts. Words further than 0.3 s from any clip, and symbols without a letter or
        digit (a dash, a note), are left out.
    """
    words: list[HeardWord] = []
    for word in heard:
        start = max(0, at + lead + round(word.start_s * MS_PER_SECOND))
        end = max(start, at + lead + round(word.end_s * MS_PER_SECOND))
        span = _span_in_speech(Span(start, end), clips)
        text = word.text.strip()
        if span is not None and any(character.isalnum() for character in text):
            earliest = words[-1].span.start if words else 0
            span = Span(max(earliest, span.start), max(earliest, span.end))
            words.append(HeardWord(text, span, min(1.0, max(0.0, float(word.probability)))))
    return tuple(words)


def is_invented(no_speech_probability: float, mean_logprob: float) -> bool:
    """Return whether a model invented its words, judged by its own scores.

    Whisper's own decoder uses the same two scores (arXiv:2212.04356, section 4.5), with other limits.

    Args:
        no_speech_probability: 0..1, of the ``<|nospeech|>`` token.
        mean_logprob: the mean log probability (natural logarithm) of the decoded tokens.
    """
    unsure = no_speech_probability > _NO_SPEECH_PROBABILITY and mean_logprob < _UNSURE_LOGPROB
    return unsure or mean_logprob < _GIBBERISH_LOGPROB


def _span_in_speech(span: Span, clips: Sequence[Span]) -> Span | None:
    """Return the part of a word in the clip with most of it, at least 20 ms long; None if all clips are too far."""
    clip = _nearest_clip(span, clips)
    if clip is None or _distance(span, clip) > _MAX_DISTANCE:
        return None
    inside = span.clip(clip)
    if inside.duration >= _FRAME:
        return inside
    start = max(clip.start, min(inside.start, clip.end - _FRAME))
    return Span(start, min(clip.end, start + _FRAME))


def _nearest_clip(span: Span, clips: Sequence[Span]) -> Span | None:
    first = max(0, bisect_right(clips, span.start, key=lambda clip: clip.start) - 1)
    last = bisect_right(clips, span.end, key=lambda clip: clip.start)
    near = clips[first : last + 1]
    return max(near, key=lambda clip: (span.overlap(clip), -_distance(span, clip)), default=None)


def _distance(span: Span, clip: Span) -> Ms:
    return max(0, clip.start - span.end, span.start - clip.end)


def first_speech(waveform: Waveform, clips: Sequence[Span]) -> npt.NDArray[np.float32]:
    """Return the first 30 s of speech without pauses, to detect the language: float32, shape (num_samples,)."""
    speech = [waveform.crop(clip).samples for clip in clips] or [waveform.samples]
    return np.concatenate(speech)[: WHISPER_WINDOW_MS * waveform.rate // MS_PER_SECOND]
