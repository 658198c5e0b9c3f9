"""Transcribe a short window of a recording by itself, to find where in the transcript it is."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.listening.audio.levels import even_out, find_quiet_speech
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.speech_spans import clip_spans, pauses
from pipeline.listening.audio.vad import SpeechOptions, voice_activity
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.transcribe import Decoding, Transcriber
from pipeline.listening.transcribe.repetition import is_loop
from pipeline.listening.transcribe.windows import HearOptions, in_order, speech_without_words
from pipeline.matching.probing.heard_windows import EDGE_MS, HeardWindow, Request
from pipeline.times import Span, format_clock, from_seconds


def hear_window(
    recording: Recording,
    transcriber: Transcriber,
    request: Request,
    language: str | None,
    speech: SpeechOptions,
    options: HearOptions,
) -> HeardWindow:
    """Transcribe a window, without a prompt: with a beam of 1 a prompt may silence a clear window.

    Speech without words is transcribed once more by itself, as in the whole pass: Whisper may skip whole sentences.

    Args:
        request: the window.
        language: that is spoken; None if it is to be detected.
        speech: the options of voice activity detection.
        options: the limits of repetition loops, and of speech without a word. A window with a loop has no words.

    Raises:
        EngineError: the engine failed.
        AudioError: the file can no longer be read.
    """
    waveform = recording.read_audible(request.span)
    found = find_quiet_speech(waveform, voice_activity(waveform, speech), lambda louder: voice_activity(louder, speech))
    span = between_pauses(found, request)
    clips = clip_spans(found, span)
    if not clips:
        return HeardWindow(span, (), (), language or "")
    loop = options.loop_options()
    audible = even_out(waveform.crop(span), clips)
    with engine_errors(transcriber.engine, f"failed at {format_clock(span.start)} of the audio"):
        language = language or transcriber.language(audible, clips)
        words = transcriber.hear(audible, clips, Decoding(language))
        if is_loop(words, loop):
            return HeardWindow(span, clips, (), language)
        skipped = speech_without_words(clips, words, from_seconds(options.unheard_s))
        again = transcriber.hear(audible, skipped, Decoding(language))
    return HeardWindow(span, clips, words if is_loop(again, loop) else in_order([*words, *again]), language)


def between_pauses(speech: Sequence[Span], request: Request) -> Span:
    """Return a window with those of its edges that may be moved in the middle of a pause, if there is one near."""
    start, end = request.span.start, request.span.end
    if request.moves_start and (near := pauses(speech, Span(start, start + EDGE_MS))):
        start = (near[-1].start + near[-1].end) // 2
    if request.moves_end and (near := pauses(speech, Span(end - EDGE_MS, end))):
        end = (near[0].start + near[0].end) // 2
    return Span(start, end)
