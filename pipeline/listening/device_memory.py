"""Divide work into batches that fit into a device's memory: a batch that does not fit is done again in halves."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_SIGNS = ("out of memory", "alloc_failed")
"""In the messages of PyTorch ("CUDA out of memory. Tried to allocate …"), of CTranslate2 ("CUDA failed with error out
of memory") and of cuBLAS ("CUBLAS_STATUS_ALLOC_FAILED"). pyannote.audio raises a ``MemoryError``."""

_log = logging.getLogger(__name__)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an engine failed for want of memory: a smaller batch may do.

    >>> is_out_of_memory(RuntimeError("CUDA failed with error out of memory")), is_out_of_memory(RuntimeError("shape"))
    (True, False)
    """
    return isinstance(error, MemoryError) or any(sign in str(error).casefold() for sign in _SIGNS)


def why_failed(error: BaseException) -> str:
    """Return the first line of an engine's error; for want of memory, what to do instead.

    >>> why_failed(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))
    'the device has too little memory; close what else uses it, or take a smaller --model, or --device cpu'
    """
    if is_out_of_memory(error):
        return "the device has too little memory; close what else uses it, or take a smaller --model, or --device cpu"
    return str(error).partition("\n")[0]


class BatchSize:
    """How many items are worked on at once; halved, with a warning, each time that memory does not suffice.

    Args:
        what: what is in a batch, for the warning: "chunks of speech".
        at_most: the number to begin with, 1 or more.
    """

    def __init__(self, what: str, at_most: int) -> None:
        self._what = what
        self.at_most = at_most

    def map(self, work: Callable[[Sequence[_Item]], Iterable[_Result]], items: Sequence[_Item]) -> Iterator[_Result]:
        """Yield the results of all items in order; ``work`` gets a batch, and again the items of one that failed.

        Raises:
            RuntimeError: as ``work``; for want of memory only if a single item was too large.
        """
        at = 0
        while at < len(items):
            batch = items[at : at + self.at_most]
            results = self._tried(work, batch)
            if results is not None:
                yield from results
                at += len(batch)

    def _tried(
        self, work: Callable[[Sequence[_Item]], Iterable[_Result]], batch: Sequence[_Item]
    ) -> list[_Result] | None:
        """Return the results of a batch; None if it was too large, and ``at_most`` is smaller now."""
        try:
            return list(work(batch))
        except (RuntimeError, MemoryError) as error:
            if not self.reduce(error, len(batch)):
                raise
        _free_memory()  # here, not in the handler: there, the error's traceback keeps the tensors
        return None

    def reduce(self, error: BaseException, size: int) -> bool:
        """Halve the size because a batch of ``size`` failed; False if that does not help against this error."""
        if size <= 1 or not is_out_of_memory(error):
            return False
        self.at_most = size // 2
        _log.warning("the device's memory does not suffice for %d %s at once; trying %d", size, self._what, size // 2)
        return True


def _free_memory() -> None:
    """Give back what PyTorch keeps of the device's memory, if it was loaded."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        gc.collect()
        torch.cuda.empty_cache()
