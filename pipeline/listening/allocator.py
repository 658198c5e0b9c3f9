"""Let the C library keep the memory that is freed, for the next that is asked for.

Whisper's encoder takes and frees hundreds of megabytes in each layer. glibc gives blocks of that size back to the
system, which clears each page once more: a third of the encoder's processor time (see ``docs/explanation/figures.md``).
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The numbers of the parameters in glibc's ``malloc.h``; see mallopt(3)."""

_LARGEST = 2**31 - 1


@cache
def keep_freed_memory() -> None:
    """Keep freed memory in this process, from now on; nothing where the C library is not glibc.

    All threads then share one heap: the others are too small for such blocks.
    """
    with suppress(AttributeError, OSError, TypeError):  # macOS, musl; TypeError: Windows has no ``None``
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _LARGEST)):
            mallopt(parameter, value)


def give_back_memory() -> None:
    """Give the memory that is free to the system now; nothing where the C library is not glibc."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
