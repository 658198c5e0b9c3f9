"""Batches that do not fit into a device's memory are divided, and nothing else is hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.device_memory import BatchSize, is_out_of_memory, why_failed

OUT_OF_MEMORY = [
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8 GiB"),
    RuntimeError("CUDA failed with error out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    MemoryError("batch_size ( 8) is probably too large."),
]


@given(st.lists(st.integers(), max_size=40), st.integers(1, 16), st.integers(1, 16))
def test_all_results_come_in_order_whatever_fits(items: list[int], at_most: int, fits: int) -> None:
    """The results are those of all items, each once and in order; no batch is larger than what fits, but those tried.

    After the first that fitted, none is tried that does not.
    """
    tried: list[int] = []
    size = BatchSize("items", at_most)

    def work(batch: Sequence[int]) -> list[int]:
        tried.append(len(batch))
        if len(batch) > fits:
            raise RuntimeError("CUDA out of memory")
        return [item + 1 for item in batch]

    assert list(size.map(work, items)) == [item + 1 for item in items]
    too_large = [count for count in tried if count > fits]
    assert tried[: len(too_large)] == too_large == sorted(too_large, reverse=True)


def test_a_warning_says_that_the_batches_are_smaller(caplog: pytest.LogCaptureFixture) -> None:
    """One line for each halving; the smaller size stays for what comes later."""
    size = BatchSize("chunks of speech", 8)

    def work(batch: Sequence[int]) -> Sequence[int]:
        if len(batch) > 3:
            raise OUT_OF_MEMORY[0]
        return batch

    assert list(size.map(work, range(8))) == list(size.map(work, range(8))) == list(range(8))
    assert [record.message for record in caplog.records] == [
        "the device's memory does not suffice for 8 chunks of speech at once; trying 4",
        "the device's memory does not suffice for 4 chunks of speech at once; trying 2",
    ]


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_one_item_that_does_not_fit_is_an_error(error: Exception) -> None:
    """Where a single item is too large, the engine's own error comes through, and it says what to do."""

    def work(_: Sequence[int]) -> Sequence[int]:
        raise error

    with pytest.raises(type(error)) as raised:
        list(BatchSize("items", 8).map(work, range(3)))
    assert is_out_of_memory(raised.value)
    assert "smaller --model" in why_failed(raised.value)


def test_other_errors_are_not_tried_again() -> None:
    """An error that is not for want of memory ends the work at once, and keeps its first line."""
    calls = []

    def work(batch: Sequence[int]) -> Sequence[int]:
        calls.append(len(batch))
        raise RuntimeError("CUDA error: device-side assert triggered\nCompile with ...")

    with pytest.raises(RuntimeError, match="assert") as raised:
        list(BatchSize("items", 8).map(work, range(8)))
    assert calls == [8]
    assert why_failed(raised.value) == "CUDA error: device-side assert triggered"
