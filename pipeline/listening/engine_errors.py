"""Convert the exceptions of speech and diarization engines into one error with the engine's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import EngineError
from pipeline.listening.device_memory import why_failed

ENGINE_FAILURES = (RuntimeError, ValueError, MemoryError)
"""What PyTorch and CTranslate2 raise at work: out of memory, a device that is gone, input that they cannot process."""


def import_failure(package: str, error: ImportError | OSError) -> str:
    """Return why an engine's package cannot be imported, and what to do.

    >>> import_failure("torch", OSError("libtorch_cpu.so: failed to map segment from shared object"))
    'cannot be used here (libtorch_cpu.so: failed to map segment from shared object); is there enough memory?'
    """
    is_too_large = "failed to map segment" in str(error)
    what_to_do = "is there enough memory?" if is_too_large else f"python -m pip install {package}"
    return f"cannot be used here ({error}); {what_to_do}"


@contextmanager
def engine_errors(engine: str, failure: str) -> Iterator[None]:
    """Raise an ``EngineError`` in place of an engine's own exception.

    Args:
        engine: the name of the engine, for the message.
        failure: what failed, in words; the engine's own message follows it in brackets.

    Raises:
        EngineError: the block raised one of ``ENGINE_FAILURES``.
    """
    try:
        yield
    except ENGINE_FAILURES as error:
        raise EngineError(engine, f"{failure} ({why_failed(error)})") from error
