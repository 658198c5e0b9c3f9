"""The invariants of the shared types: ranges are in order, values cannot change, and they survive encoding."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from pipeline import schema
from pipeline.schema import Chars, HeardWord, Hearing, Run, VoiceExample, VoiceSample
from pipeline.times import Span
from tests.factories import SHA

TYPES = [one for one in vars(schema).values() if isinstance(one, type) and one.__module__ == schema.__name__]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_type_is_frozen(kind: type) -> None:
    """A value that stages pass to each other cannot be changed by its receiver."""
    if issubclass(kind, msgspec.Struct):
        assert kind.__struct_config__.frozen
    else:
        assert dataclasses.is_dataclass(kind)
        assert vars(kind)["__dataclass_params__"].frozen


def test_a_run_is_its_indices() -> None:
    """A run counts and yields the indices from its start to before its end."""
    assert (len(Run(2, 5)), list(Run(2, 5)), len(Run(3, 3)), list(Run(3, 3))) == (3, [2, 3, 4], 0, [])


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_characters_in_the_wrong_order_are_refused(start: int, end: int) -> None:
    """A range of characters does not start before 0, nor end before it starts."""
    with pytest.raises(ValueError, match="needs 0 <= start <= end"):
        Chars(start, end)


def test_values_survive_encoding() -> None:
    """What is stored is read back as an equal value."""
    hearing = Hearing((HeardWord("Hi.", Span(0, 300), None),), (Span(0, 300),), 900, "en", "e", "m", SHA, {"a": 1})

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(hearing), type=Hearing) == hearing


@pytest.mark.parametrize("value", [VoiceSample((Span(0, 9),), "A", b"1234"), VoiceExample(1, 2, b"1234")])
def test_embeddings_are_stored_as_vector(value: VoiceSample | VoiceExample) -> None:
    """The stored name of an embedding is ``vector``, as in the first version of the store and of voice books."""
    assert "vector" in msgspec.to_builtins(value)
    assert "embedding" not in msgspec.to_builtins(value)
