"""Hold any subtitles or transcript in JSON against a platform's rules, whatever their bytes are."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import TranscriptError
from pipeline.io.atomic import sha256_of
from pipeline.io.path_hints import explain
from pipeline.publish.caption_file import form_of, is_timing, parse_captions
from pipeline.publish.mended import mend
from pipeline.publish.platforms import PLATFORMS, PlatformForm
from pipeline.publish.rule_checks import Violation, find_violations
from pipeline.publish.segments_file import find_segment_violations, mend_segments, parse_segments

LARGEST = 8 * 1024 * 1024
"""Bytes. Ten hours with a segment for each word, in JSON, are about as much; subtitles are a tenth of it."""

_FORMS: dict[str, PlatformForm] = {".srt": "srt", ".vtt": "vtt", ".json": "json"}
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was held against a platform's rules.

    Attributes:
        form: what it is by its content, whatever its suffix says.
        cues: the number of cues or segments.
        violations: by line.
        mended: the text of a mended copy; None if nothing in it can be mended, or its encoding is not known.
    """

    sha256: str
    form: PlatformForm
    cues: int
    violations: tuple[Violation, ...]
    mended: str | None


def read_content(path: Path) -> bytes:
    """Read a file of subtitles or a transcript in JSON.

    Raises:
        TranscriptError: it is missing, no file, too large, or its suffix is of another kind.
    """
    if path.suffix.casefold() not in _FORMS:
        raise TranscriptError(path, "is neither .srt, .vtt nor .json; --for checks what a platform takes")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TranscriptError(path, "this is a folder, a pipe or a device; give the file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise TranscriptError(path, explain(path)) from e
    except OSError as e:
        raise TranscriptError(path, f"cannot be read ({e.strerror})") from e
    if len(content) > LARGEST:
        raise TranscriptError(path, f"is too large for subtitles (more than {LARGEST // 1024**2} MB)")
    return content


def check_content(content: bytes, suffix: str, platform: str) -> CheckedFile:
    """Hold a file against the rules of a platform.

    Args:
        suffix: what its name ends with, ``.srt``, ``.vtt`` or ``.json``.
        platform: a name in ``PLATFORMS``.
    """
    text, encoding = _decode(content)
    named = _FORMS[suffix.casefold()]
    form = _form(text, named)
    found = [*encoding, *_of_form(form, named, platform)]
    if form == "json":
        transcript = parse_segments(text)
        found += find_segment_violations(transcript, platform)
        mended = None if transcript.document is None else mend_segments(transcript)
        cues = len(transcript.segments)
    else:
        captions = parse_captions(text, form)
        found += find_violations(captions, platform)
        mended = mend(captions, platform)
        cues = len(captions.cues)
    can_mend = any(one.fixable for one in found) and all(one.fixable for one in encoding)
    violations = tuple(sorted(found, key=lambda violation: violation.line))
    return CheckedFile(sha256_of(content), form, cues, violations, mended if can_mend else None)


def _decode(content: bytes) -> tuple[str, tuple[Violation, ...]]:
    """Return the text, and what is wrong with its encoding; bytes that are no text become U+FFFD."""
    source = "W3C WebVTT, section 4.1; RFC 8259, section 8.1; for SRT what all platforms take"
    if (encoding := _UTF_16.get(content[:2])) is not None:
        text = content[2:].decode(encoding, "replace")
        is_text = "\ufffd" not in text
        return text, (Violation("encoding", 1, "the file is in UTF-16, not UTF-8", fixable=is_text, source=source),)
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        message = f"byte 0x{content[e.start]:02x} is not UTF-8; save the file as UTF-8 in the program that made it"
        violation = Violation("encoding", line, message, fixable=False, source=source)
        return content.decode("utf-8", "replace"), (violation,)


def _form(text: str, named: PlatformForm) -> PlatformForm:
    """Return what a text is: JSON begins with a bracket, and subtitles have a line with times."""
    begins = text.removeprefix("\ufeff").lstrip()[:1]
    if named == "json":
        return form_of(text, "srt") if begins not in ("{", "[") and _has_times(text) else "json"
    return "json" if begins == "{" and not _has_times(text) else form_of(text, named)


def _has_times(text: str) -> bool:
    return any(is_timing(line) for line in text.splitlines())


def _of_form(form: PlatformForm, named: PlatformForm, platform: str) -> list[Violation]:
    known = PLATFORMS[platform]
    found: list[Violation] = []
    if form not in known.takes:
        message = f"{known.title} takes {' and '.join(known.takes)}, and this is {form}"
        found.append(Violation("format", 1, message, fixable=False, source=known.source))
    if form != named:
        message = f"the name ends with .{named}, and this is {form}"
        found.append(Violation("suffix", 1, message, fixable=True, source=known.source))
    return found
