"""Each engine, really loaded, hears a second of speech; each in a process of its own.

A compiled part that does not fit the processor ends its process without a word. That must not be the end of the one
that is to tell of it.
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
from pipeline.listening.doctor.checks import Check, engine_here
from pipeline.listening.models.catalog import VOICES
from pipeline.listening.models.inventory import kept
from pipeline.listening.models.locate import WeightsOptions, fetch_line, identify, locate
from pipeline.listening.transcribe import LAYOUTS, TRANSCRIBERS, TranscribeOptions, load
from pipeline.listening.transcribe.windows import HearOptions, hear
from pipeline.progress import silent

P = ParamSpec("P")
T = TypeVar("T")

SAID = "Welcome back."
"""What is said in ``second.opus``, which scripts/make_second.py makes."""

_EXPECTED = "welcome"


def try_all(options: TranscribeOptions, weights: WeightsOptions, voices: DiarizeOptions) -> Iterator[Check]:
    """Let every engine hear on every device, and tell voices apart.

    Nothing is fetched: of a model that is not here, the line to type is told.

    Raises:
        ConfigError: the options name no model.
        WeightsError: the models' folder cannot be read.
    """
    chosen = engine_here(options), _device(options.device)
    for engine in TRANSCRIBERS:
        for device in dict.fromkeys(("cpu", _device("auto"))):
            yield _try_engine(engine, device, options.model, weights, needed=(engine, device) == chosen)
    yield _try_voices(voices, weights)


def _device(device: str) -> str:
    try:
        return resolve_device(device)
    except (ImportError, OSError):  # ctranslate2, which is asked for GPUs, cannot be loaded
        return "cpu"


def _try_engine(engine: str, device: str, model: str, weights: WeightsOptions, *, needed: bool) -> Check:
    name, meant, layout = f"{engine} on {device}", identify(model), LAYOUTS[engine]
    if not isinstance(meant, Path) and not any(one.layout == layout for one in kept(meant, weights)):
        return Check(name, "missing", f"the model {meant.name} is not here", fetch_line(meant.name, layout), needed)
    try:
        heard, loading_s, hearing_s = _apart(hear_a_second, engine, device, model, replace(weights, offline=True))
    except _TrialError as e:
        return Check(name, "problem", str(e), needed=needed)
    if _EXPECTED not in heard.lower():
        return Check(name, "problem", f"heard “{heard}” where “{SAID}” is said", needed=needed)
    detail = f"{model} loaded in {loading_s:.1f} s, heard “{heard}” in {hearing_s:.1f} s"
    return Check(name, "ok", detail, needed=needed)


def _try_voices(options: DiarizeOptions, weights: WeightsOptions) -> Check:
    name = diarize.ENGINE
    if options.folder is None and options.pipeline == "embedded" and not kept(VOICES, weights):
        line = fetch_line(VOICES.name, "pyannote")
        return Check(name, "missing", f"the model {VOICES.name} is not here", line, needed=False)
    try:
        turns, loading_s, hearing_s = _apart(tell_a_second_apart, options, replace(weights, offline=True))
    except _TrialError as e:
        return Check(name, "problem", str(e), needed=False)
    if turns != 1:
        return Check(name, "problem", f"told {turns} voices apart where one speaks", needed=False)
    detail = f"{VOICES.name} loaded in {loading_s:.1f} s, told the one voice in {hearing_s:.1f} s"
    return Check(name, "ok", detail, needed=False)


# --- in a process of its own -------------------------------------------------------------------------------------


def hear_a_second(engine: str, device: str, model: str, weights: WeightsOptions) -> tuple[str, float, float]:
    """What an engine hears in ``second.opus``, and how many seconds loading and hearing took."""
    options = TranscribeOptions(engine, model, device, language="en", beam_size=1)  # type: ignore[arg-type]
    start = time.perf_counter()
    transcriber = load(options, locate(model, LAYOUTS[engine], weights, silent))
    loaded = time.perf_counter()
    with as_file(files("pipeline.listening.doctor") / "second.opus") as path:
        hearing = hear(open_recording(path), transcriber, HearOptions(), silent)
    return " ".join(word.text for word in hearing.words), loaded - start, time.perf_counter() - loaded


def tell_a_second_apart(options: DiarizeOptions, weights: WeightsOptions) -> tuple[int, float, float]:
    """How many voices are told apart in ``second.opus``, and how many seconds loading and telling took."""
    start = time.perf_counter()
    diarizer = diarize.load(options, diarize.locate(options, weights, silent))
    loaded = time.perf_counter()
    with as_file(files("pipeline.listening.doctor") / "second.opus") as path:
        found = diarizer.diarize(open_recording(path), SpeakerCount(), silent)
    return len({turn.voice for turn in found.turns}), loaded - start, time.perf_counter() - loaded


class _TrialError(Exception):
    """A trial failed; ``str`` says how."""


def _apart(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do ``work`` in a process of its own, and give what it gives.

    Raises:
        _TrialError: it raised something, or its process ended without a word.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(sender, work, arguments, named))
    process.start()
    sender.close()
    try:
        outcome, failure = receiver.recv()
    except EOFError:
        process.join()
        raise _TrialError(f"its process ended without a word ({_ending(process.exitcode)})") from None
    finally:
        process.kill()  # Ctrl-C: it must not go on alone
        process.join()
    if failure:
        raise _TrialError(failure)
    return cast("T", outcome)


def _tell(
    sender: Connection, work: Callable[..., object], arguments: Sequence[object], named: dict[str, object]
) -> None:
    """Do ``work`` and send what it gives, or what went wrong as one line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for this ends it
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output is for results
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        sender.send((work(*arguments, **named), ""))
    except PipelineError as e:
        sender.send((None, str(e)))
    except Exception as e:  # noqa: BLE001 -- whatever an engine does, the others have their turn
        sender.send((None, f"{type(e).__name__}: {str(e).partition(chr(10))[0]}"))


def _ending(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
