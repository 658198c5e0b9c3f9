"""Load each engine and let it transcribe a second of speech, each in its own process.

A compiled library that does not run on this CPU ends its process without a message. The process that reports it must
survive that.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from pipeline.errors import PipelineError
from pipeline.listening import diarize
from pipeline.listening.audio.recording import open_recording
from pipeline.listening.device import resolve_device
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.doctor.checks import Check, engine_here, model_here
from pipeline.listening.models.catalog import VOICES
from pipeline.listening.models.inventory import cached
from pipeline.listening.models.locate import fetch_line, identify, locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import LAYOUTS, TRANSCRIBERS, TranscribeOptions, load_transcriber
from pipeline.listening.transcribe.windows import HearOptions, hear
from pipeline.progress import silent

P = ParamSpec("P")
T = TypeVar("T")

SPOKEN_TEXT = "Welcome back."
"""The speech in ``second.opus``, which scripts/make_second.py generates."""

_EXPECTED = "welcome"
"""The part of it that every engine must hear: small models may mishear the rest."""


def try_all(options: TranscribeOptions, weights: WeightsOptions, voices: DiarizeOptions) -> Iterator[Check]:
    """Test every speech engine on every device, and the diarization.

    Nothing is downloaded: for a missing model, the check has the command to type.

    Raises:
        ConfigError: there is no model with the name in the options.
        WeightsError: the models' folder cannot be read.
    """
    chosen = engine_here(options), _device(options.device)
    for engine in TRANSCRIBERS:
        for device in dict.fromkeys(("cpu", _device("auto"))):
            yield _try_engine(engine, device, model_here(options, weights), weights, needed=(engine, device) == chosen)
    yield _try_voices(voices, weights)


def _device(device: str) -> str:
    try:
        return resolve_device(device)
    except (ImportError, OSError):  # ctranslate2, which detects GPUs, cannot be loaded
        return "cpu"


def _try_engine(engine: str, device: str, model: str, weights: WeightsOptions, *, needed: bool) -> Check:
    name, identified, layout = f"{engine} on {device}", identify(model), LAYOUTS[engine]
    if not isinstance(identified, Path) and not any(files.layout == layout for files in cached(identified, weights)):
        line = fetch_line(identified.name, layout)
        return Check(name, "missing", f"the model {identified.name} is not on this machine", line, needed)
    try:
        heard, loading_s, hearing_s = _run_in_process(
            transcribe_a_second, engine, device, model, replace(weights, offline=True)
        )
    except _SmokeTestError as e:
        return Check(name, "problem", str(e), needed=needed)
    if _EXPECTED not in heard.lower():
        return Check(name, "problem", f"heard “{heard}” in place of “{SPOKEN_TEXT}”", needed=needed)
    detail = f"{model} loaded in {loading_s:.1f} s, heard “{heard}” in {hearing_s:.1f} s"
    return Check(name, "ok", detail, needed=needed)


def _try_voices(options: DiarizeOptions, weights: WeightsOptions) -> Check:
    name = diarize.ENGINE
    if options.folder is None and options.pipeline == "embedded" and not cached(VOICES, weights):
        line = fetch_line(VOICES.name, "pyannote")
        return Check(name, "missing", f"the model {VOICES.name} is not on this machine", line, needed=False)
    try:
        voices, loading_s, hearing_s = _run_in_process(diarize_a_second, options, replace(weights, offline=True))
    except _SmokeTestError as e:
        return Check(name, "problem", str(e), needed=False)
    if voices != 1:
        return Check(name, "problem", f"found {voices} voices in place of one", needed=False)
    detail = f"{VOICES.name} loaded in {loading_s:.1f} s, found the one voice in {hearing_s:.1f} s"
    return Check(name, "ok", detail, needed=False)


# --- in a separate process ---------------------------------------------------------------------------------------


def transcribe_a_second(engine: str, device: str, model: str, weights: WeightsOptions) -> tuple[str, float, float]:
    """Transcribe ``second.opus``; return the text, and the seconds that loading and transcribing took."""
    options = TranscribeOptions(engine, model, device, language="en", beam_size=1)  # type: ignore[arg-type]
    start = time.perf_counter()
    transcriber = load_transcriber(options, locate_weights(model, LAYOUTS[engine], weights, silent))
    loaded = time.perf_counter()
    with as_file(files("pipeline.listening.doctor") / "second.opus") as path:
        hearing = hear(open_recording(path), transcriber, HearOptions(), silent)
    return " ".join(word.text for word in hearing.words), loaded - start, time.perf_counter() - loaded


def diarize_a_second(options: DiarizeOptions, weights: WeightsOptions) -> tuple[int, float, float]:
    """Diarize ``second.opus``; return the number of voices, and the seconds that loading and diarizing took."""
    start = time.perf_counter()
    diarizer = diarize.load_diarizer(options, diarize.locate_pipeline(options, weights, silent))
    loaded = time.perf_counter()
    with as_file(files("pipeline.listening.doctor") / "second.opus") as path:
        found = diarizer.diarize(open_recording(path), SpeakerCount(), silent)
    return len({turn.voice for turn in found.turns}), loaded - start, time.perf_counter() - loaded


class _SmokeTestError(Exception):
    """A test failed; ``str`` says how."""


def _run_in_process(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call ``work`` in a separate process, and return its result.

    Raises:
        _SmokeTestError: it raised an exception, or its process ended without a result.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_outcome, args=(sender, work, arguments, named))
    process.start()
    sender.close()
    try:
        outcome, failure = receiver.recv()
    except EOFError:
        process.join()
        raise _SmokeTestError(f"its process ended without a message ({_exit_reason(process.exitcode)})") from None
    finally:
        process.kill()  # after Ctrl-C, it must not continue
        process.join()
    if failure:
        raise _SmokeTestError(failure)
    return cast("T", outcome)


def _send_outcome(
    sender: Connection, work: Callable[..., object], arguments: Sequence[object], named: dict[str, object]
) -> None:
    """Call ``work`` and send its result and an empty failure, or None and the failure in one line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends this one
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output is for results
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        sender.send((work(*arguments, **named), ""))
    except PipelineError as e:
        sender.send((None, str(e)))
    except Exception as e:  # noqa: BLE001 -- whatever an engine raises, the other ones are tested too
        sender.send((None, f"{type(e).__name__}: {str(e).partition(chr(10))[0]}"))


def _exit_reason(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
