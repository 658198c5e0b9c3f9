"""Exports of Otter and Descript: small files in the shapes that these programs write."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.files.transcript_file import read_transcript
from pipeline.reading.transcript import parse
from tests.reading.imports.docx_samples import bold, paragraph, run, word_document

ANN, BOB, MORE = "Welcome to the show.", "Thank you Ann, I brought three apples.", "They are old."

FILES: dict[str, str | bytes] = {
    "otter.txt": f"Ann Lee  0:03\n{ANN}\n\nBob Ray  0:15\n{BOB}\n\nAnn Lee  1:02:03\n{MORE}\n",
    "otter with speakers.txt": (
        "Meeting Notes\nTue, Mar 5, 2024 10:02AM\n\nSUMMARY KEYWORDS\napples\n\nSPEAKERS\nAnn Lee, Bob Ray\n\n"
        f"Ann Lee  00:03\n{ANN}\n\nBob Ray  00:15\n{BOB}\n\nAnn Lee  1:02:03\n{MORE}\n"
    ),
    "otter.srt": (
        f"1\n00:00:03,000 --> 00:00:07,000\nAnn Lee: {ANN}\n\n2\n00:00:15,000 --> 00:00:18,000\nBob Ray: {BOB}\n\n"
        f"3\n01:02:03,000 --> 01:02:05,000\nAnn Lee: {MORE}\n"
    ),
    "otter.docx": word_document(
        *("SUMMARY KEYWORDS", "apples, garden", "SPEAKERS", "Ann Lee, Bob Ray", "Ann Lee  00:03", ANN),
        *(paragraph(bold("Bob Ray"), run("\u00a0 00:15")), BOB, "Ann Lee  1:02:03", MORE),
    ),
    "otter with tabs.docx": word_document(
        *(
            paragraph("Ann Lee", "<w:r><w:tab/><w:t>0:03</w:t></w:r>"),
            ANN,
            "Bob Ray  0:15",
            BOB,
            "Ann Lee  1:02:03",
            MORE,
        ),
    ),
    "descript.txt": f"[00:00:03] Ann Lee: {ANN}\n\n[00:00:15] Bob Ray: {BOB}\n\n[01:02:03] Ann Lee: {MORE}\n",
    "descript.md": (
        f"**Ann Lee:** [00:00:03] {ANN}\n\n**Bob Ray:** [00:00:15] {BOB}\n\n**Ann Lee:** [01:02:03] {MORE}\n"
    ),
    "descript with lines.txt": (
        f"[00:00:03] Ann Lee\n{ANN}\n\n[00:00:15] Bob Ray\n{BOB}\n\n[01:02:03] Ann Lee\n{MORE}\n"
    ),
    "descript.docx": word_document(
        *(paragraph(bold("Ann Lee:"), f" [00:00:03] {ANN}"), paragraph(bold("Bob Ray:"), f" [00:00:15] {BOB}")),
        paragraph(bold("Ann Lee:"), f" [01:02:03] {MORE}"),
    ),
    "descript with times first.docx": word_document(
        *(f"[00:00:03] Ann Lee: {ANN}", f"[00:00:15] Bob Ray: {BOB}", f"[01:02:03] Ann Lee: {MORE}")
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_turns_are_read_with_their_times(tmp_path: Path, name: str) -> None:
    """Also below a list of keywords and speakers."""
    content = FILES[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    transcript = parse(read_transcript(tmp_path / name).source)

    turns = [
        (one.speaker, one.claim and one.claim.at, " ".join(transcript.words[k].shown for k in one.words))
        for one in transcript.utterances
        if one.speaker
    ]
    assert turns == [("Ann Lee", 3_000, ANN), ("Bob Ray", 15_000, BOB), ("Ann Lee", 3_723_000, MORE)]
