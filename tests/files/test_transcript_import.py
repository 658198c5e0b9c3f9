from __future__ import annotations

import json
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.files.transcript_import import as_transcript
from pipeline.reading.transcript import parse


def written(content: str) -> str:
    """Return the Markdown of a published transcript."""
    return as_transcript(dedent(content).encode()).decode()


def test_voice_tags_become_labels() -> None:
    """WebVTT's voice tags are the speakers, other tags and times are dropped, and one speaker's cues are joined."""
    text = written(
        """\
        WEBVTT

        NOTE made by a machine

        1
        00:00:00.000 --> 00:00:02.000
        <v Ann Lee>Hello <i>there</i> &amp; welcome
        to *the* show.</v>

        00:02.500 --> 00:03.000
        <v.loud Bob>Hi.
        <v Ann Lee>Yes,

        00:03.500 --> 00:05.000
        <v Ann Lee>yes.
        """
    )

    assert text == "**Ann Lee**: Hello there & welcome to \\*the\\* show.\n\n**Bob**: Hi.\n\n**Ann Lee**: Yes, yes.\n"


def test_repeated_names_before_colons_are_labels() -> None:
    """A name before a colon that occurs twice is a speaker, and a single colon in a sentence stays."""
    cues = ["ANN: Hello.", "And here is", "the thing: we go.", "there is more", "to come", "ANN: Bye."]
    subtitles = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{cue}\n\n" for n, cue in enumerate(cues, 1))

    assert written(subtitles) == "**ANN**: Hello. And here is the thing: we go. there is more to come Bye.\n"


def test_a_text_without_speakers_is_split_after_sentences() -> None:
    """Paragraphs have a bounded length, so that each gets its time."""
    cues = [f"one two three four five six seven eight nine {n}." for n in range(20)]
    subtitles = "".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n{cue}\n\n" for n, cue in enumerate(cues, 1))
    paragraphs = written(subtitles).split("\n\n")

    assert [len(paragraph.split()) for paragraph in paragraphs] == [60, 60, 60, 20]


def test_json_has_speakers() -> None:
    """The segments of the podcast namespace's JSON are read, also if each is a word."""
    segments = [
        {"speaker": "Ann", "startTime": 0.5, "endTime": 0.8, "body": "Hello"},
        {"speaker": "Ann", "startTime": 0.8, "endTime": 1.0, "body": "there."},
        {"startTime": 1.0, "endTime": 2.0, "body": "And"},
        {"speaker": "Bob", "startTime": 2.0, "body": "Hi."},
    ]

    assert written(json.dumps({"version": "1.0.0", "segments": segments})) == (
        "**Ann**: Hello there. And\n\n**Bob**: Hi.\n"
    )


@pytest.mark.parametrize("frame", ["<!DOCTYPE html><html><head><title>Ep</title></head><body>{}</body></html>", "{}"])
def test_a_page_has_speakers(frame: str) -> None:
    """Names in ``<cite>`` are speakers, and times, scripts and menus are dropped, also in an HTML fragment."""
    inside = (
        "<cite>Ann:</cite> <time>0:00</time>\n<p>Hello <b>there</b> &amp; all.</p>"
        "<script>track()</script><nav>Home</nav><cite>Bob:</cite><p>Hi.<p>Well."
    )

    assert written(frame.format(inside)) == "**Ann**: Hello there & all.\n\n**Bob**: Hi. Well.\n"


def test_names_before_colons_in_a_page_are_labels() -> None:
    """Names before colons are speakers if most paragraphs have one."""
    assert written("<p>Ann: Hello.</p><p>Bob: Hi.</p>") == "**Ann**: Hello.\n\n**Bob**: Hi.\n"


@pytest.mark.parametrize("text", ["**Ann**: Hello.\r\n", "\ufeffHello *there*", "[Music]\n\nAnn: Hi"])
def test_plain_text_is_unchanged(text: str) -> None:
    """No byte of plain text and Markdown is changed."""
    assert as_transcript(text.encode()) == text.encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7", "is a PDF document, not a transcript"),
        (b"ID3\x04", "is a recording, not a transcript"),
        (b"<?xml version='1.0'?><tt></tt>", "is a file of subtitles (TTML), not a transcript"),
        (b'{"version": "1.0.0"}', "no segments"),
        (b'{"segments": "none"}', "is JSON, but not a transcript of"),
        pytest.param(b'{"segments": [{"body": ' + b"[" * 5_000, "is JSON, but not a transcript of", id="deep"),
        (b"<html><body><script>1</script></body></html>", "nobody says anything"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\n", "nobody says anything"),
        (b"\x00\x01\x02", "is no text"),
    ],
)
def test_another_file_is_an_error(content: bytes, reason: str) -> None:
    """The error says what the file is instead."""
    with pytest.raises(ValueError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        as_transcript(content)


PLAIN = st.text("abc <>&*_[]{}\\:.#\n", max_size=60)
CUES = st.lists(PLAIN, max_size=6).map(
    lambda cues: "WEBVTT\n\n" + "".join(f"00:0{n}.000 --> 00:0{n}.900\n{cue}\n\n" for n, cue in enumerate(cues))
)
PAGES = PLAIN.map(lambda text: f"<p>{text}")
JSONS = st.lists(PLAIN, max_size=6).map(lambda said: json.dumps({"segments": [{"body": text} for text in said]}))


@given(CUES | PAGES | JSONS | st.text(max_size=80))
def test_any_content_is_converted_or_a_value_error(content: str) -> None:
    """Whatever the content is, the result can be parsed as a transcript, or ``ValueError`` is raised."""
    try:
        made = as_transcript(content.encode("utf-8", "replace")).decode("utf-8", "replace")
    except ValueError:
        return
    parse(made)


def test_malicious_content_is_read_in_linear_time() -> None:
    """Many line ends, opening tags and names do not make the patterns slow."""
    for junk in ("\n" * 200_000, "<" * 200_000, "<v a" * 50_000, "a" * 200_000, "{\\" * 100_000):
        assert as_transcript(f"WEBVTT\n\n00:00.000 --> 00:01.000\nHello. {junk}\n".encode()).startswith(b"Hello.")
