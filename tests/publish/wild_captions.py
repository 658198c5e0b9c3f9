"""Subtitles as they are found in the wild, and readers that do with them what the code of two platforms does."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

LINE_ENDINGS = ("\n", "\r\n", "\r")
TIMES = (
    "00:00:01,000",
    "00:00:01.000",
    "0:00:02,5",
    "00:02.500",
    "01:00:00,000",
    "00:00:59.999",
    "00:00:03",
    "75:10.000",
    "00:00:61,000",
    "nonsense",
)
ARROWS = (" --> ", "-->", " -> ", " ---> ", " → ", " –> ")
LINES = (
    "Hello there.",
    "<v Ann>So this",
    "<v.loud Bo Li>is <i>it</i></v>",
    "<b>bold</b> and {\\an8} top",
    "2",
    "a --> b",
    "00:00:01.000 -->",
    "<v Ann",
    "Ann: R&amp;D < 3 > 2",
    "NOTE this is said",
    "日本語。",
    "\x07bell",
    "<i></i>",
    "<<b>b>nested</b>",
)
BLOCKS = (
    "NOTE a comment",
    "NOTE\nmore\nlines",
    "STYLE\n::cue {}",
    "REGION\nid:a",
    "what is this",
    "00:0x --> 00:05\nlost",
)


@st.composite
def _cues(draw: st.DrawFn) -> str:
    identifier = draw(st.sampled_from(("", "1\n", "2\n", "7\n", "intro\n")))
    times = draw(st.sampled_from(TIMES)) + draw(st.sampled_from(ARROWS)) + draw(st.sampled_from(TIMES))
    settings = draw(st.sampled_from(("", "", " align:start", " X1:10 X2:20")))
    text = draw(st.lists(st.sampled_from((*LINES, *LINES, "", " ")), max_size=4))
    return f"{identifier}{times}{settings}\n" + "".join(f"{line}\n" for line in text)


def texts() -> st.SearchStrategy[str]:
    """Draw subtitles in which anything may be wrong, and texts that are none."""
    starts = st.sampled_from(("", "WEBVTT\n\n", "WEBVTT\n", "WEBVTT - made by hand\nKind: captions\n\n", "1\n"))
    parts = st.lists(st.one_of(_cues(), st.sampled_from(BLOCKS).map("{}\n".format)), max_size=8)
    gaps = st.sampled_from(("", "\n", "\n", "\n\n"))
    wild = st.tuples(st.sampled_from(("", "\ufeff")), starts, parts, gaps, st.sampled_from(LINE_ENDINGS)).map(
        lambda drawn: (drawn[0] + drawn[1] + drawn[3].join(drawn[2])).replace("\n", drawn[4])
    )
    return st.one_of(wild, st.text(max_size=80))


@dataclass(frozen=True)
class ReadCue:
    """What a platform makes of a cue: times as written, the speaker, and the text."""

    start: str
    end: str
    speaker: str
    text: str


def castopod_srt(text: str) -> list[ReadCue]:
    """Read SRT as Castopod does (``TranscriptParser.parseSrt``): number, times, text to a blank line, nothing else."""
    cues: list[ReadCue] = []
    state, times, words = "number", "", ""
    for line in text.split("\n"):
        if state == "number":
            state = "times"
        elif state == "times":
            times, state = line.strip(), "text"
        elif line.strip():
            words += f"\n{line}" if words else line
        else:
            start, end = times.split(" --> ")
            cues.append(ReadCue(start, end, "", words.strip()))
            state, words = "number", ""
    if state == "text" and cues:  # the fault for which a blank line has to be at the end
        cues[-1] = ReadCue(cues[-1].start, cues[-1].end, "", words)
    return cues


def castopod_vtt(text: str) -> list[ReadCue]:
    """Read WebVTT as Castopod does (``parseVtt``): a line, a blank one, times, lines of text, and again times."""
    cues: list[ReadCue] = []
    lines = text.split("\n")
    if lines[-1] != "":
        lines.append("")
    state, times = "times", ""
    for line in lines[2:]:
        if state == "times":
            times, state = line.strip(), "text"
        elif line.strip():
            start, end = times.split(" --> ")
            speaker, words = "", line
            if line.startswith("<") and ">" in line:
                tag, _, words = line.partition(">")
                speaker = tag[1:].partition(" ")[2] or tag[1:]
            cues.append(ReadCue(start, end, speaker, words.strip()))
        else:
            state = "times"
    return cues


class PodloveError(Exception):
    """The import ends, and nothing is imported."""


def podlove_vtt(text: str) -> list[ReadCue]:
    """Read WebVTT as Podlove does (``Parser.php``): lines of text are joined without a space, settings become text."""
    text = text.removeprefix("\ufeff")
    if not text.startswith("WEBVTT") or text.split("\n")[1:2] != [""]:
        raise PodloveError("no signature, or no blank line below it")
    cues: list[ReadCue] = []
    for block in "\n".join(text.split("\n")[2:]).split("\n\n"):
        lines = [line for line in block.split("\n") if line]
        if not lines or lines[0] == "NOTE" or lines[0].startswith("NOTE "):
            continue
        if "-->" not in lines[0]:
            lines = lines[1:]
        if not lines or "-->" not in lines[0]:
            raise PodloveError("a block without times")
        start, _, rest = lines[0].partition(" --> ")
        end, _, settings = rest.partition(" ")
        words = settings + "".join(lines[1:])
        speaker = ""
        if words.startswith("<v ") and ">" in words:
            tag, _, words = words.partition(">")
            speaker = tag[3:]
        cues.append(ReadCue(start, end, speaker.strip(), words.strip()))
    return cues
