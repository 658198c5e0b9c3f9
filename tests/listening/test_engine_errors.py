from __future__ import annotations

import pytest

from pipeline.errors import EngineError
from pipeline.listening.engine_errors import ENGINE_FAILURES, engine_errors


def test_a_lack_of_memory_says_what_to_do() -> None:
    """Where memory does not suffice, the error says so, whatever the engine's own message is."""
    with pytest.raises(EngineError) as raised, engine_errors("fake", "failed at 0:10 of the audio"):
        raise MemoryError

    assert str(raised.value).startswith("fake: failed at 0:10 of the audio (the device has too little memory; close ")


@pytest.mark.parametrize("failure", [one for one in ENGINE_FAILURES if one is not MemoryError])
def test_an_engines_exception_becomes_an_engine_error(failure: type[Exception]) -> None:
    """The error is one line with the engine, what failed, and the engine's message; the exception is its cause."""
    with pytest.raises(EngineError) as raised, engine_errors("fake", "failed at 0:10 of the audio"):
        raise failure("the device is gone")

    assert str(raised.value) == "fake: failed at 0:10 of the audio (the device is gone)"
    assert isinstance(raised.value.__cause__, failure)


@pytest.mark.parametrize("other", [KeyError, OSError, KeyboardInterrupt])
def test_other_exceptions_are_not_converted(other: type[BaseException]) -> None:
    """A bug, an error of the disk and Ctrl-C stay what they are."""
    with pytest.raises(other), engine_errors("fake", "failed"):
        raise other
