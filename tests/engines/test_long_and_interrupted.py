"""``cuemark align`` with a real model: six hours, a narrow terminal, Ctrl-C, no network, no permission."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.cli import main
from pipeline.listening.audio.recording import open_recording
from tests.engines.test_contract import tiny_en
from tests.episodes.kept_hearing import AUDIO, CLIP
from tests.excerpts import write_excerpt
from tests.listening.failing_processes import no_override, read_only
from tests.sample_episode import contents, environment
from tests.terminal import run_on_terminal
from tests.test_cli import interruptible_children

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

RATE = 16_000
SIX_HOURS_S = 6 * 3_600
TYPED = """\
**Hannah Weir**: Hello and welcome to episode 7. I'm Hannah Weir, and with me
 are Oskar Lind, Priya Nand and Miles Okoro. Today we talk about slow builds,
 and why nobody dares to stop one.

**Oskar Lind**: Good evening. My build started on Tuesday, so I have plenty of
 time. [Laughter]

**Priya Nand**: And I brought biscuits, which is more than my compiler ever did.
"""
ALIGN = [sys.executable, "-m", "pipeline", "align", "show.wav", "show.md", "--model", "tiny.en", "--no-voices"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with 38 seconds of the example and their transcript; the model is cached."""
    tiny_en("faster-whisper")
    write_excerpt(open_recording(AUDIO), CLIP, tmp_path / "show.wav")
    (tmp_path / "show.md").write_text(TYPED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_six_hours(path: Path) -> None:
    """Write a recording of six hours with speech only in its last 38 seconds."""
    spoken = open_recording(AUDIO).segment(CLIP)
    speech = np.frombuffer(spoken.raw_data, np.int16)
    silence = np.zeros(RATE * 60, np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        stream.options = {"compression_level": "0", "frame_size": "4608"}
        minutes = SIX_HOURS_S // 60
        for samples in [*([silence] * (minutes - 1)), silence[: len(silence) - len(speech)], speech]:
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.nightly
def test_six_hours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The speech in the last minute of six hours is found, and its times have hours."""
    write_six_hours(folder / "long.flac")

    assert main(["align", "long.flac", "show.md", "--model", "tiny.en", "--no-voices", "-f", "md"]) == 0

    assert "listening (6:00:00)" in capsys.readouterr().err
    timed = (folder / "long.timed.md").read_text(encoding="utf-8")
    assert timed.startswith("5:59:2")
    assert timed.count("\n5:59:") == 2


@pytest.mark.usefixtures("folder")
def test_narrow_terminal() -> None:
    """In a terminal of 40 columns, progress is displayed, and the paths are printed as anywhere else."""
    status, printed, display = run_on_terminal(ALIGN, columns=40)

    assert status == 0
    assert printed.split() == ["show.timed.md", "show.srt", "show.vtt", "show.json"]
    assert "100 %" in display
    assert "Traceback" not in display
    assert Path("show.timed.md").exists()


@pytest.mark.parametrize("after", ["loading the model", "listening"])
def test_ctrl_c_during_a_run(folder: Path, after: str) -> None:
    """After Ctrl-C while a real engine runs, the exit status is 130, with one line, and no file has changed."""
    command = [*ALIGN, "--in-place", "--engine", "openai-whisper"]
    with (
        interruptible_children(),
        subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        line_before = next(line for line in process.stderr if line.startswith(after))
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert (process.returncode, line_before.startswith(after)) == (130, True)
    assert rest.endswith("cuemark: interrupted; every file is whole, and the next run goes on from here\n")
    assert "Traceback" not in rest
    assert contents(folder).keys() == {"show.wav", "show.md"}
    assert (folder / "show.md").read_text(encoding="utf-8") == TYPED


def test_offline_opens_no_connection(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--offline``, an episode is aligned without a connection or a name lookup."""

    class NoSocket(socket.socket):
        def connect(self, address: object) -> None:
            raise AssertionError(f"a connection to {address}")

        def connect_ex(self, address: object) -> int:
            raise AssertionError(f"a connection to {address}")

    def no_names(*_: object, **__: object) -> None:
        raise AssertionError("a name lookup")

    monkeypatch.setattr(socket, "socket", NoSocket)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)

    assert main(["align", "show.wav", "show.md", "--model", "tiny.en", "--offline", "-f", "json"]) == 0
    assert main(["align", "show.wav", "show.md", "--model", "small", "--offline", "-f", "json"]) == 1
    assert (folder / "show.json").exists()


def test_offline_says_what_to_type(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any transcription, the error is one line with the command to type where there is a connection."""
    monkeypatch.setenv("CUEMARK_MODELS", str(folder / "models"))

    assert main(["align", "show.wav", "show.md", "--offline"]) == 1

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "with a connection, type: cuemark models fetch base" in err
    assert set(contents(folder)) == {"show.wav", "show.md"}


def test_no_permission_is_one_line(folder: Path) -> None:
    """A folder that cannot be written is refused before any transcription, in one line with what to do."""
    with read_only(folder):
        process = subprocess.run(
            ALIGN, env=environment(), preexec_fn=no_override, capture_output=True, text=True, check=False
        )

    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == "cuemark: show.timed.md: the folder . cannot be written; give another --output-dir\n"
