"""The table of mistakes: what people type, give and do by mistake, and the one line that each of them ends with.

Every row is run through the whole command line with real files; only the sound of what works is a fake. What needs a
real process, a real terminal or a real recording of six hours is in ``engines/test_hard_days.py``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.io.quoted_path import quote_path
from tests.episodes.kept_hearing import kept_hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD, SHOW, TIMED, Command, contents

SAVE = "save the text as Markdown or plain text in UTF-8"
READABLE = "mp3, m4a, ogg, opus, flac, wav and the sound of mp4, mkv and webm can be read"
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 8


def zipped(*names: str) -> Callable[[Path], None]:
    """Makes a zipped file with these members, as word processors do."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "<xml/>")

    return make


def bytes_of(content: bytes) -> Callable[[Path], object]:
    """Makes a file with this content."""
    return lambda path: path.write_bytes(content)


def folder(path: Path) -> None:
    """Makes a folder."""
    path.mkdir()


def broken_link(path: Path) -> None:
    """Makes a link that leads nowhere."""
    path.symlink_to("gone.md")


def pipe(path: Path) -> None:
    """Makes a pipe, from which nothing ever comes."""
    os.mkfifo(path)


Maker = Callable[[Path], object]
ANOTHER_EPISODE = Path(__file__).parents[1] / "matching" / "another_episode.md"

# What exists next to show.mp3 and show.md, what is typed, and the start of the one line.
MISTAKES: dict[str, tuple[dict[str, Maker], str, int, str]] = {
    "nothing but the audio": ({}, "align show.mp3", 2, "command line: Missing argument 'TRANSCRIPT'."),
    "a command with a slip": ({}, "algin show.mp3 show.md", 2, "command line: No such command 'algin'. Did you mean"),
    "an option with a slip": ({}, "align show.mp3 show.md --languag de", 2, "command line: No such option: --languag"),
    "an option without its value": ({}, "align show.mp3 show.md --model", 2, "command line: Option '--model' requires"),
    "a model with a slip": (
        {},
        "align show.mp3 show.md --model bse",
        2,
        "--model bse: there is no such model or folder",
    ),
    "a language with a slip": ({}, "align show.mp3 show.md --language Germn", 2, "--language: there is no language"),
    "another language for an English model": (
        {},
        "align show.mp3 show.md --model tiny.en --language de",
        2,
        "model tiny.en: knows English only, and the language is to be German; take one without .en, such as --model",
    ),
    "a Hebrew transcript for an English model": (
        {"he.md": bytes_of("**משה**: שלום לכולם וברוכים הבאים".encode())},
        "align show.mp3 he.md --model tiny.en",
        2,
        "model tiny.en: knows English only, and the transcript is in Hebrew letters; take one without .en",
    ),
    "a key with a slip": (
        {"my.toml": bytes_of(b"[transcribe]\nmodle = 'base'\n")},
        "align show.mp3 show.md --config my.toml",
        2,
        "my.toml, line 2: there is no transcribe.modle; do you mean model?",
    ),
    "a preset with a slip": (
        {},
        "align show.mp3 show.md --config fats",
        2,
        "--config fats: there is no such preset; do",
    ),
    "a show's file that names a folder": (
        {"cuemark.toml": bytes_of(b"[weights]\nfolder = '/tmp'\n")},
        "align show.mp3 show.md",
        2,
        "{here}/cuemark.toml, line 2: a show's own file may not set weights.folder",
    ),
    "a format that is none": ({}, "align show.mp3 show.md -f doc", 2, "--output-format: there is no doc; there are"),
    "arguments swapped": (
        {"real.mp3": bytes_of(SOUND)},
        "align show.md real.mp3",
        1,
        "real.mp3: is a recording, but show.md is text; give the audio first, then the transcript",
    ),
    "the audio twice": (
        {},
        "align show.mp3 show.mp3",
        1,
        "show.mp3: is given as the audio and as the transcript; give",
    ),
    "two recordings": (
        {"a.mp3": bytes_of(SOUND), "b.mp3": bytes_of(SOUND)},
        "align a.mp3 b.mp3",
        1,
        "b.mp3: is a recording, not a transcript; give what was typed, as Markdown or plain text",
    ),
    "a name with a slip": ({}, "align shwo.mp3 show.md", 1, "shwo.mp3: there is no such file; do you mean show.mp3?"),
    "a name without its end": (
        {},
        "align show.mp3 sho",
        1,
        "sho: there is no such file; check the name and the folder",
    ),
    "a folder with a slip": ({}, "align show.mp3 shows/show.md", 1, "shows/show.md: there is no folder shows; check"),
    "a folder for a transcript": ({"texts": folder}, "align show.mp3 texts", 1, "texts: this is a folder, not a trans"),
    "a folder for the audio": (
        {"sounds": folder},
        "align sounds show.md",
        1,
        "sounds: this is a folder, not a recording",
    ),
    "an address for the audio": (
        {},
        "align https://example.org/show.mp3 show.md",
        1,
        "https://example.org/show.mp3: this is a web address; download the file first, for example in a browser",
    ),
    "an address of a video": (
        {},
        "align https://www.youtube.com/watch?v=x show.md",
        1,
        "https://www.youtube.com/watch?v=x: this is a video's page; save its sound as a file first",
    ),
    "an address for the transcript": (
        {},
        "align show.mp3 https://example.org/show.md",
        1,
        "https://example.org/show.md: this is a web address; download the file first",
    ),
    "a word document": (
        {"show.docx": zipped("[Content_Types].xml", "word/document.xml")},
        "align show.mp3 show.docx",
        1,
        "show.docx: is a zipped file, but no Word document (DOCX)",
    ),
    "an open document": (
        {"show.odt": bytes_of(b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text")},
        "align show.mp3 show.odt",
        1,
        f"show.odt: is an OpenDocument (ODT) document; {SAVE}",
    ),
    "a PDF": ({"a.pdf": bytes_of(b"%PDF-1.7\n")}, "align show.mp3 a.pdf", 1, f"a.pdf: is a PDF document; {SAVE}"),
    "a PDF under another name": (
        {"a.md": bytes_of(b"%PDF-1.7\n")},
        "check a.md",
        1,
        f"a.md: is a PDF document; {SAVE}",
    ),
    "a rich text": (
        {"a.rtf": bytes_of(b"{\\rtf1}")},
        "align show.mp3 a.rtf",
        1,
        "a.rtf: is a rich text (RTF) document",
    ),
    "UTF-16": ({"a.md": bytes_of(SHOW.encode("utf-16"))}, "align show.mp3 a.md", 1, f"a.md: is UTF-16 text; {SAVE}"),
    "UTF-16 without a mark": ({"a.md": bytes_of(SHOW.encode("utf-16-le"))}, "check a.md", 1, "a.md: is UTF-16 text; "),
    "Windows-1252": (
        {"a.md": bytes_of("**Ann**: hello\n**Zoë**: hello\n".encode("latin-1"))},
        "align show.mp3 a.md",
        1,
        f"a.md, line 2: byte 0xeb is not UTF-8 (it is “ë” in Windows-1252); {SAVE}",
    ),
    "subtitles of a kind that is not read": (
        {"a.ttml": bytes_of(b"<tt></tt>")},
        "align show.mp3 a.ttml",
        1,
        "a.ttml: is a file of subtitles (TTML); give the transcript that people type",
    ),
    "broken subtitles": (
        {"a.srt": bytes_of(b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n2\n00:00:0x,000 --> 0\n")},
        "check a.srt",
        1,
        "a.srt, line 6: the times of this cue cannot be read",
    ),
    "JSON that is no transcript": (
        {"a.json": bytes_of(b'{"name": "show"}')},
        "check a.json",
        1,
        "a.json: is JSON, but not a transcript of Whisper, WhisperX, the Podcasting 2.0 namespace, Rev or oTranscribe",
    ),
    "subtitles to be written into": (
        {"a.srt": bytes_of(b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n")},
        "align show.mp3 a.srt --in-place",
        1,
        "a.srt: is a file of subtitles (SRT), and --in-place changes only Markdown and plain text; convert it first",
    ),
    "a feed for the audio": (
        {"feed.xml": bytes_of(b'<?xml version="1.0"?><rss version="2.0"></rss>')},
        "align feed.xml show.md",
        1,
        "feed.xml: is a podcast's feed (RSS), not the recording itself; download that, and give it instead",
    ),
    "a web page for the audio": (
        {"show.m4a": bytes_of(b"<!DOCTYPE html><html><body>Not found</body></html>")},
        "align show.m4a show.md",
        1,
        "show.m4a: is a web page (HTML), not the recording itself; download that, and give it instead",
    ),
    "an empty recording": ({"a.mp3": bytes_of(b"")}, "align a.mp3 show.md", 1, "a.mp3: the file is empty (0 bytes)"),
    "a picture for the audio": (
        {"a.mp3": bytes_of(b"\x89PNG\r\n\x1a\n")},
        "align a.mp3 show.md",
        1,
        f"a.mp3: is a picture, not a recording; {READABLE}",
    ),
    "a link that leads nowhere": (
        {"a.md": broken_link},
        "align show.mp3 a.md",
        1,
        "a.md: this is a link to gone.md, whic",
    ),
    "a pipe for the transcript": (
        {"a.md": pipe},
        "align show.mp3 a.md",
        1,
        "a.md: this is a pipe or a device, not a file",
    ),
    "a pipe for the audio": (
        {"a.mp3": pipe},
        "align a.mp3 show.md",
        1,
        "a.mp3: this is a pipe or a device, not a file",
    ),
    "standard input": ({}, "align show.mp3 -", 1, "-: standard input is not read; give a file"),
    "a path as Windows writes it": (
        {},
        r"align show.mp3 'C:\show.md'",
        1,
        r"C:\show.md: this is a path as Windows writes",
    ),
    "curly quotation marks": ({}, "align show.mp3 “show.md”", 1, "“show.md”: the quotation marks are taken for a part"),
    "a pattern that fits nothing": ({}, "align show.mp3 *.txt", 1, "*.txt: no file here fits this pattern"),
    "a leading dash": (
        {"-a.md": bytes_of(b"")},
        "align show.mp3 -a.md",
        2,
        "command line: No such option: -a (give the file as ./-a.md)",
    ),
    "no file at all": ({}, "align '' show.md", 1, ".: this is a folder, not a recording; give the file"),
}


@pytest.mark.parametrize(("made", "line", "status", "error"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_one_line(
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    made: dict[str, Maker],
    line: str,
    status: int,
    error: str,
) -> None:
    """Ends with one line that says what is wrong and what to do, writes nothing, and listens to nothing."""
    for name, make in made.items():
        make(workspace / name)
    before = {path.name for path in workspace.iterdir()}

    assert main(shlex.split(line)) == status

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"cuemark: {error.format(here=workspace.resolve())}")
    assert "Traceback" not in err
    assert {path.name for path in workspace.iterdir()} == before


# --- what looks like a mistake and works -------------------------------------------------------------------------

NAMES = [
    "a name with spaces",
    "it's “quoted” & $HOME `id` ;*?",
    "🎙️ épisode №7",
    "-starts-with-a-dash",
    "--help",
    "..two dots",
    "new\nline",
    "عربي",
    "x" * 200,
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_works(workspace: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Accepts files with any name, and writes the results next to them; ``--`` ends the options."""
    (workspace / "show.mp3").rename(workspace / f"{name}.mp3")
    (workspace / "show.md").rename(workspace / f"{name}.md")

    status = main(["align", "-f", "md", "--", f"{name}.mp3", f"{name}.md"], FakeEngines([HEARD]).engines)

    assert (status, capsys.readouterr().out) == (0, f"{quote_path(name + '.timed.md')}\n")
    assert (workspace / f"{name}.timed.md").read_text(encoding="utf-8") == TIMED


def test_files_elsewhere_work(workspace: Path, cuemark: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepts files by ``../``, and writes its results into the current folder, not next to the audio."""
    (workspace / "inner").mkdir()
    monkeypatch.chdir(workspace / "inner")
    outcome = cuemark("align ../show.mp3 ../show.md -f md", HEARD)

    assert (outcome.status, outcome.out) == (0, "show.timed.md\n")
    assert set(contents(workspace)) == {"show.mp3", "show.md", "inner/show.timed.md"}


def test_a_byte_order_mark_and_foreign_line_ends_stay(workspace: Path, cuemark: Command) -> None:
    """Reads UTF-8 as Windows writes it, and gives back every byte of it around the changes."""
    source = "\ufeff" + SHOW.replace("\n", "\r\n")
    (workspace / "show.md").write_bytes(source.encode())
    cuemark("align show.mp3 show.md -f md", HEARD)

    assert (workspace / "show.timed.md").read_bytes() == ("\ufeff" + TIMED.replace("\n", "\r\n")).encode()


def test_another_episode_of_the_show_is_refused(workspace: Path, cuemark: Command) -> None:
    """Writes the report alone where the transcript is of another episode with the same jingle, sponsor and people."""
    shutil.copy(ANOTHER_EPISODE, workspace / "show.md")
    outcome = cuemark("align show.mp3 show.md", kept_hearing())

    assert (outcome.status, outcome.out) == (1, "show.json\n")
    assert "show.md: the transcript does not belong to this audio" in outcome.err
    assert set(contents(workspace)) == {"show.mp3", "show.md", "show.json"}
