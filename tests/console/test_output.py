from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

import pytest

from pipeline.console.output import LenientStream, logging_to_stderr, one_line, path_list, print_message, print_result
from tests.sample_episode import full_disk


def test_lines_have_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Shows a control character as a mark, and every other character as it is."""
    print_message("a\x1b[2Jb\x07\x9b\r é \u3042")

    assert capsys.readouterr().err == "a\ufffd[2Jb\ufffd\ufffd\ufffd é \u3042\n"


def test_one_line_is_one_line() -> None:
    """White space becomes one space, and a control character a visible mark."""
    assert one_line("  two\n\tlines \x1b[31mred\u202e ") == "two lines \ufffd[31mred\ufffd"


def test_results_are_bytes_of_utf8(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A result goes to standard output unchanged, line endings included."""
    print_result("é\r\nあ\n")

    assert capsysbinary.readouterr() == ("é\r\nあ\n".encode(), b"")


@pytest.mark.parametrize(("debug", "lines"), [(False, 1), (True, 2)])
def test_warnings_of_other_packages_need_debug(capsys: pytest.CaptureFixture[str], *, debug: bool, lines: int) -> None:
    """The project's own warnings are always lines, those of other packages only with ``debug``."""
    with logging_to_stderr(debug=debug):
        logging.getLogger("pipeline.somewhere").warning("ours")
        logging.getLogger("somebody.else").warning("theirs")
        if not debug:
            warnings.warn("not shown", UserWarning, stacklevel=1)

    shown = capsys.readouterr().err.splitlines()
    assert shown == ["warning: ours", "warning: theirs"][:lines]


def test_paths_are_lines_or_end_with_zero_bytes() -> None:
    """Quotes a path that is no line, as git does, but not where a zero byte ends it."""
    paths = [Path("a b.srt"), Path("a\nb.vtt")]

    assert path_list(paths) == 'a b.srt\n"a\\nb.vtt"\n'
    assert path_list(paths, null=True) == "a b.srt\0a\nb.vtt\0"
    assert path_list([]) == ""


def test_lenient_stream_drops_what_cannot_be_written() -> None:
    """Passes text on as long as that is possible, then drops it, and never fails."""
    with os.fdopen(full_disk(), "w") as full:
        stream = LenientStream(full)
        lengths = [stream.write("text"), stream.write("x" * 100_000)]
        stream.flush()
        described = stream.encoding, stream.isatty(), stream.fileno() == full.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # closing it writes what it still has

    assert lengths == [4, 100_000]
    assert described == (full.encoding, False, True)
    assert stream.write("closed") == 6
