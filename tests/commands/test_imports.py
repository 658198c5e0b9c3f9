from __future__ import annotations

import json
from pathlib import Path

import docx
import pysubs2
import pytest
from praatio.utilities.textgrid_io import getTextgridAsStr

from tests.reading.imports.docx_samples import body, bold, package, paragraph, parts_of, word_document
from tests.sample_episode import ANN, BOB, HEARD, TO_THE_END, Command, contents

SRT = f"1\n00:00:01,100 --> 00:00:07,000\nAnn Lee: {ANN}\n\n2\n00:00:08,000 --> 00:00:15,000\nBob Ray: {BOB}\n\n"
VTT = f"WEBVTT\n\n00:01.100 --> 00:07.000\n<v Ann Lee>{ANN}\n\n00:08.000 --> 00:15.000\n<v Bob Ray>{BOB}\n"
SEGMENTS = [
    {"start": 1.1, "end": 7, "text": f" {ANN}", "speaker": "Ann Lee"},
    {"start": 8, "end": 15, "text": f" {BOB}", "speaker": "Bob Ray"},
]
PODCAST = [
    {"startTime": one["start"], "endTime": one["end"], "body": one["text"], "speaker": one["speaker"]}
    for one in SEGMENTS
]
OTR = (
    f'<p><span class="timestamp" data-timestamp="1.1">00:01</span>&nbsp;<b>Ann Lee:</b> {ANN}</p>'
    f'<p><span class="timestamp" data-timestamp="8">00:08</span>&nbsp;<b>Bob Ray:</b> {BOB}</p>'
)
PAGE = f"<html><cite>Ann Lee:</cite><time>0:01</time><p>{ANN}<cite>Bob Ray:</cite><time>0:08</time><p>{BOB}</html>"
ASS = f"""[Script Info]
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.10,0:00:07.00,Default,Ann Lee,0,0,0,,{ANN}
Dialogue: 0,0:00:08.00,0:00:15.00,Default,Bob Ray,0,0,0,,{BOB}
"""
MARKDOWN = f"0:01 - **Ann Lee**: {ANN}\n\n0:08 - **Bob Ray**: {BOB}\n"
TIERS = [
    {"class": "IntervalTier", "name": "Ann Lee", "xmin": 0, "xmax": 21, "entries": [(1.1, 7, ANN)]},
    {"class": "IntervalTier", "name": "Bob Ray", "xmin": 0, "xmax": 21, "entries": [(8, 15, BOB)]},
    {"class": "IntervalTier", "name": "words", "xmin": 0, "xmax": 21, "entries": [(8, 9, "Thank")]},
]
GRID = getTextgridAsStr({"xmin": 0, "xmax": 21, "tiers": TIERS}, "long_textgrid", includeBlankSpaces=True)
EAF = f"""<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1100"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="7000"/>
<TIME_SLOT TIME_SLOT_ID="c" TIME_VALUE="8000"/><TIME_SLOT TIME_SLOT_ID="d"/></TIME_ORDER>
<TIER TIER_ID="Bob Ray"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="c" TIME_SLOT_REF2="d">
<ANNOTATION_VALUE>{BOB}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="Ann Lee"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="y" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">
<ANNOTATION_VALUE>{ANN}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>
"""

FILES: dict[str, str | bytes] = {
    "old.srt": SRT,
    "old.vtt": VTT,
    "old.json": json.dumps({"text": "", "segments": SEGMENTS}),
    "old.podcast.json": json.dumps({"version": "1.0.0", "segments": PODCAST}),
    "old.otr": json.dumps({"text": OTR, "media": "show.mp3", "media-time": 0}),
    "old.html": PAGE,
    "old.ass": ASS,
    "old.txt": SRT,
    "old.TextGrid": GRID,
    "wide.TextGrid": GRID.encode("utf-16"),
    "old.eaf": EAF,
    "old.docx": word_document(paragraph("0:01 - ", bold("Ann Lee"), f": {ANN}"), f"0:08 - Bob Ray: {BOB}"),
}


def content_of(name: str) -> bytes:
    """The bytes of one of the files."""
    content = FILES[name]
    return content.encode() if isinstance(content, str) else content


@pytest.mark.parametrize("name", FILES)
def test_a_transcript_of_another_program_is_aligned(workspace: Path, cuemark: Command, name: str) -> None:
    """Its content tells its format, not its name; speakers are labels, and times are typed ones before them."""
    (workspace / name).write_bytes(content_of(name))

    outcome = cuemark(f"align show.mp3 {name} -f md -f vtt", TO_THE_END)

    assert outcome.status == 0
    assert (workspace / "show.timed.md").read_text() == MARKDOWN
    cues = pysubs2.load(str(workspace / "show.vtt"))
    assert (cues[0].start, " ".join(cue.plaintext for cue in cues).replace("\n", " ")) == (1000, f"{ANN} {BOB}")


def test_times_of_another_program_are_checked(workspace: Path, cuemark: Command) -> None:
    """A time that is off is a finding, and --fix-times replaces it."""
    (workspace / "old.srt").write_text(SRT.replace("00:00:08", "00:00:12"))

    outcome = cuemark("align show.mp3 old.srt --fix-times", TO_THE_END)

    findings = json.loads((workspace / "show.json").read_text())["findings"]
    assert outcome.status == 0
    assert [(one["kind"], one["typed"], one["measured"]) for one in findings] == [("time-drift", 12.0, 8.0)]
    assert (workspace / "show.timed.md").read_text() == MARKDOWN


def test_no_result_falls_on_the_transcript(workspace: Path, cuemark: Command) -> None:
    """The format of the transcript comes back under another name, also a second time."""
    (workspace / "show.srt").write_text(SRT)

    for _ in range(2):
        outcome = cuemark("align show.mp3 show.srt", TO_THE_END)

        assert outcome.out.split() == ["show.timed.md", "show.timed.srt", "show.vtt", "show.json"]
        assert (workspace / "show.srt").read_text() == SRT


@pytest.mark.parametrize("line", ["marker show.mp3 old.srt --in-place", "finish show.mp3 old.srt --diff"])
def test_a_transcript_of_another_program_is_not_changed(workspace: Path, cuemark: Command, line: str) -> None:
    """Nothing is written into it or shown as its change, and nothing is listened to."""
    (workspace / "old.srt").write_text(SRT)
    before = contents(workspace)

    outcome = cuemark(line, HEARD)

    assert outcome.status == 1
    assert "changes only Markdown and plain text; convert it first: cuemark convert old.srt FILE.md" in outcome.err
    assert contents(workspace) == before


CUES = f"""\ufeff1\r
00:00:00,500 --> 00:00:04,000 X1:1\r
<i>ANN LEE:</i> {ANN[:40]}\r
- {ANN[40:]}\r
\r
2\r
00:00:05,000 --> 00:00:06,000\r
[door slams]\r
\r
7\r
0:00:12.000 --> 00:00:13,000\r
ANN LEE: {{\\an8}}{BOB}"""


def test_cues_are_kept(workspace: Path, cuemark: Command) -> None:
    """Only times change: breaks, tags, numbers, line endings and sounds stay, and a sound moves with its cue."""
    (workspace / "show.srt").write_bytes(CUES.encode())

    outcome = cuemark("align show.mp3 show.srt --keep-cues --force", TO_THE_END)

    expected = CUES.replace("00:00:00,500 --> 00:00:04,000", "00:00:01,000 --> 00:00:05,500")
    expected = expected.replace("00:00:05,000 --> 00:00:06,000", "00:00:05,500 --> 00:00:06,500")
    expected = expected.replace("0:00:12.000 --> 00:00:13,000", "0:00:08.000 --> 00:00:15,200")
    assert outcome.status == 0
    assert (workspace / "show.timed.srt").read_bytes().decode() == expected


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_draft_follows_the_kept_cues(workspace: Path, cuemark: Command, ending: str) -> None:
    """In the line ending of the file, with numbers that continue; the last kept cue ends where they begin."""
    kept = SRT.replace("00:00:15,000", "00:00:59,000").replace("\n2\n", "\n7\n").rstrip("\n").replace("\n", ending)
    (workspace / "show.srt").write_bytes(kept.encode())

    outcome = cuemark("finish show.mp3 show.srt --keep-cues -f md", HEARD)

    written = (workspace / "show.timed.srt").read_bytes().decode()
    expected = kept.replace("01,100", "01,000").replace("00:00:59,000", "00:00:16,000")
    assert (outcome.status, outcome.out.split()) == (0, ["show.finished.md", "show.timed.srt"])
    assert written.startswith(expected + 2 * ending + f"8{ending}00:00:16,000 --> ")
    assert len(pysubs2.SSAFile.from_string(written)) == 3


def test_a_draft_follows_the_kept_cues_of_webvtt(workspace: Path, cuemark: Command) -> None:
    """With nothing to draft there are no new ones."""
    (workspace / "show.vtt").write_text(VTT)
    assert cuemark("finish show.mp3 show.vtt --keep-cues -f md -o whole", TO_THE_END).status == 0
    assert cuemark("finish show.mp3 show.vtt --keep-cues -f md --relisten -o more", HEARD).status == 0

    whole, more = ((workspace / name / "show.timed.vtt").read_text() for name in ("whole", "more"))

    assert whole.count("-->") == 2
    assert more.startswith(whole.rstrip("\n").rpartition(" --> ")[0])
    assert more.count("-->") > 2
    assert more.count("WEBVTT") == 1


def test_no_draft_is_written_into_a_word_document(workspace: Path, cuemark: Command) -> None:
    """It is said before anything is listened to."""
    (workspace / "show.docx").write_bytes(WORD)

    outcome = cuemark("finish show.mp3 show.docx --keep-cues")

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        "cuemark: show.docx: is a Word document, into which no draft is written; leave out --keep-cues\n"
    )


@pytest.mark.parametrize("formats", ["-f srt", "-f vtt -f srt", ""])
def test_kept_cues_stand_in_for_new_ones_of_the_same_name(workspace: Path, cuemark: Command, formats: str) -> None:
    """One line says that the newly cut subtitles are not written."""
    (workspace / "show.srt").write_text(SRT.replace(f"Ann Lee: {ANN}", f"ANN LEE: <i>{ANN}</i>"))

    outcome = cuemark(f"align show.mp3 show.srt {formats} --keep-cues", TO_THE_END)

    remark = (
        "show.timed.srt: has the cues given (--keep-cues), not newly cut ones (-f srt); for both, give --output-dir"
    )
    assert outcome.status == 0
    assert outcome.err.splitlines().count(remark) == 1
    assert outcome.out.split().count("show.timed.srt") == 1
    assert f"ANN LEE: <i>{ANN}</i>" in (workspace / "show.timed.srt").read_text()


@pytest.mark.parametrize("words", ["show.srt -o out", "show.srt -f vtt", "other.srt"])
def test_kept_cues_and_new_ones_of_other_names_are_both_written(workspace: Path, cuemark: Command, words: str) -> None:
    """Nothing is said then."""
    (workspace / words.split(maxsplit=1)[0]).write_text(SRT)

    outcome = cuemark(f"align show.mp3 {words} --keep-cues", TO_THE_END)

    names = {Path(name).name for name in outcome.out.split()}
    assert names >= {"show.timed.srt", "show.vtt" if "vtt" in words else "show.srt"}
    assert "--keep-cues" not in outcome.err


@pytest.mark.usefixtures("workspace")
def test_keeping_cues_needs_cues(cuemark: Command) -> None:
    """Markdown has none."""
    outcome = cuemark("align show.mp3 show.md --keep-cues", TO_THE_END)

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "cuemark: show.md: has no cues to keep; --keep-cues is for SRT, VTT and Word documents\n"


WORD = word_document(paragraph(bold("Ann Lee"), f": {ANN}"), f"[00:00:02] Bob Ray: {BOB}")


def test_a_word_document_comes_back(workspace: Path, cuemark: Command) -> None:
    """With its times, beside the Markdown; the document itself stays."""
    (workspace / "show.docx").write_bytes(WORD)

    outcome = cuemark("align show.mp3 show.docx -f md -f docx --keep-cues", TO_THE_END)

    texts = [one.text for one in docx.Document(str(workspace / "show.timed.docx")).paragraphs]
    assert (outcome.status, outcome.out.split()) == (0, ["show.timed.md", "show.timed.docx"])
    assert "show.timed.docx: has what was given (--keep-cues) (-f docx); for both, give --output-dir" in outcome.err
    assert texts == [f"[00:00:01] Ann Lee: {ANN}", f"[00:00:08] Bob Ray: {BOB}"]
    assert (workspace / "show.docx").read_bytes() == WORD


def test_tiers_come_back_under_another_name(workspace: Path, cuemark: Command) -> None:
    """The format that the transcript has can be asked for, and does not replace it."""
    (workspace / "show.TextGrid").write_text(GRID)

    outcome = cuemark("align show.mp3 show.TextGrid -f textgrid -f eaf", TO_THE_END)

    assert (outcome.status, outcome.out.split()) == (0, ["show.timed.TextGrid", "show.eaf"])
    assert (workspace / "show.TextGrid").read_text() == GRID


BROKEN = {
    "cut.TextGrid": (GRID[:-9], "cut.TextGrid, line 62: is a TextGrid of Praat that is broken or cut off here"),
    "binary.TextGrid": ("ooBinaryFile\x08TextGrid", "binary.TextGrid: is a binary file of Praat; save the text as"),
    "cut.eaf": (EAF[:-9], "is a document of ELAN (EAF) that is broken or nested too deeply"),
    "entities.eaf": (
        EAF.replace("<ANNOTATION_DOCUMENT>", '<ANNOTATION_DOCUMENT x="&y;">'),
        "is a document of ELAN (EAF) that is broken",
    ),
    "silent.eaf": ("<ANNOTATION_DOCUMENT/>", "is a document of ELAN (EAF) in which nobody says anything"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tiers_are_one_line(workspace: Path, cuemark: Command, name: str) -> None:
    """Nothing is listened to or written."""
    content, reason = BROKEN[name]
    (workspace / name).write_text(content)
    before = contents(workspace)

    outcome = cuemark(f"align show.mp3 {name}")

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert reason in outcome.err
    assert contents(workspace) == before


HOSTILE = {
    "tracked": (
        word_document(paragraph(f"<w:del><w:r><w:delText>{ANN}</w:delText></w:r></w:del>")),
        "is a Word document with tracked changes; accept or reject all of them, and save it",
    ),
    "macros": (package(parts_of(body()) | {"word/vbaProject.bin": b"1"}), "is a Word document with macros; save it as"),
    "entities": (package(parts_of(f'<!DOCTYPE a [<!ENTITY x "{ANN}">]><a>&x;</a>')), "with a document type (DOCTYPE)"),
    "empty": (word_document(""), "is a Word document (DOCX) in which nobody says anything"),
    "cut": (WORD[:-40], "is a zipped file that is broken"),
    "large": (word_document(*["a" * (1 << 20)] * 3), "with too much text for a transcript"),
    "picture": (WORD.replace(bytes(range(99, 120)), bytes(21)), "word/media/image1.png cannot be unpacked"),
    "sheet": (package({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}), "but no Word document (DOCX)"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_document_that_cannot_be_read_is_one_line(workspace: Path, cuemark: Command, name: str) -> None:
    """Nothing is listened to or written."""
    content, reason = HOSTILE[name]
    (workspace / "old.docx").write_bytes(content)
    before = contents(workspace)

    outcome = cuemark("align show.mp3 old.docx --keep-cues")

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith("cuemark: old.docx")
    assert reason in outcome.err
    assert contents(workspace) == before
