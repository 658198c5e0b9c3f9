"""Make inputs for a reader out of its seeds and tokens: cut, joined, damaged, and with pieces repeated many times."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from scripts.fuzzing.reader import Reader

_REPEATS = (2, 10, 100, 1_000, 10_000, 100_000)
"""How many times a piece is repeated: a reader that takes quadratic time shows it at the larger ones."""

_BYTES = (b"\0", b"\xff", b"\r", b"\n", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\x1b[2J", b"9" * 5_000)
"""What is odd in any file: bytes that are no text, line ends, a surrogate, an escape sequence, a very long number."""

_CHANGES = ("insert", "delete", "flip", "truncate", "repeat part", "repeat piece", "join")


def inputs(reader: Reader) -> st.SearchStrategy[bytes]:
    """Draw contents for a reader, each at most ``reader.largest`` bytes.

    A change is one name and one number, from which its place, its size and its piece are made: to draw each of them
    takes longer than most readers take.
    """
    seeds = sorted(reader.seeds, key=len)
    pieces = (*reader.tokens, *_BYTES)
    starts = st.sampled_from(seeds) | st.binary(max_size=40)
    if reader.documents is not None:
        starts = st.one_of(reader.documents, reader.documents, starts)
    changes = st.lists(st.tuples(st.sampled_from(_CHANGES), st.integers(0, (1 << 48) - 1)), max_size=6)
    if reader.documents is not None:  # as many again are read as they are
        changes = st.one_of(st.just([]), changes)

    def changed(content: bytes, names: list[tuple[str, int]]) -> bytes:
        for name, number in names:
            content = _changed(content, name, number, (pieces, seeds, reader.largest))
        return content[: reader.largest]

    return st.builds(changed, starts, changes)


def _changed(content: bytes, name: str, number: int, given: tuple[Sequence[bytes], Sequence[bytes], int]) -> bytes:
    """Return the content after one change; never much longer than the largest input."""
    pieces, seeds, largest = given
    place, choice, size, times = _parts(number, len(content) + 1, 1 << 16, 65, len(_REPEATS))
    before, after = content[:place], content[place:]
    piece = pieces[choice % len(pieces)]
    match name:
        case "insert":
            after = piece + after
        case "delete":
            after = after[size:]
        case "flip":
            after = bytes([byte ^ 1 << choice % 8 for byte in after[:1]]) + after[1:]
        case "truncate":
            after = b""
        case "repeat part":
            after = _repeated(after[:size], _REPEATS[times], largest) + after[size:]
        case "repeat piece":
            after = _repeated(piece, _REPEATS[times], largest) + after
        case "join":
            other = seeds[choice % len(seeds)]
            after = other[(choice * size) % (len(other) + 1) :]
    return before + after


def _parts(number: int, *sizes: int) -> list[int]:
    """Split a number into one below each size."""
    parts = []
    for size in sizes:
        number, part = divmod(number, size)
        parts.append(part)
    return parts


def _repeated(piece: bytes, times: int, largest: int) -> bytes:
    return piece * min(times, largest // max(1, len(piece)))
