"""The copy of an episode's audio that has its chapters: what it is called, whether it can be made, and its content."""

from __future__ import annotations

from pathlib import Path, PurePath

from pipeline.errors import AudioError
from pipeline.io.atomic import sha256_file
from pipeline.schema import Result
from pipeline.writing.chapters.chapter_list import ChapterOptions, list_chapters


def chapter_audio_suffix(name: str) -> str:
    """Return what is put after the stem of an audio's name.

    >>> chapter_audio_suffix("episode.mp3")
    '.chapters.mp3'
    """
    return f".chapters{PurePath(name).suffix}"


def check_chapter_audio(audio: Path) -> tuple[str, ...]:
    """Check that a copy of a file can have chapters, and return lines about what it would lose.

    Raises:
        AudioError: it cannot.
    """
    from pipeline.listening.audio.chapters.embed import check_embedding  # noqa: PLC0415 -- PyAV is loaded when needed

    losses = check_embedding(audio)
    return (f"{audio}: the copy with chapters has all of it but {', '.join(losses)}",) if losses else ()


def chapter_audio(audio: Path, result: Result, options: ChapterOptions) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the content of the copy, and lines about its chapters; None if there are no chapters.

    Args:
        audio: the file.
        result: of the whole document.
        options: what chapters are made from.

    Raises:
        AudioError: the file has changed since it was listened to, or cannot be read to its end.
    """
    from pipeline.listening.audio.chapters.embed import MAX_CHAPTERS, embed_chapters  # noqa: PLC0415 -- the same

    found = list_chapters(result, options)
    reason = found.reason
    if len(found.chapters) > MAX_CHAPTERS:
        reason = f"audio can have {MAX_CHAPTERS} chapters, and there are {len(found.chapters)}"
    if reason:
        return None, (f"audio with chapters: not written, because {reason}",)
    try:
        is_same = sha256_file(audio) == result.audio.sha256
    except OSError as e:
        raise AudioError(audio, f"cannot be read ({e.strerror})") from e
    if not is_same:
        raise AudioError(audio, "was changed while cuemark was listening", "run again")
    return embed_chapters(audio, [(one.title, one.span) for one in found.chapters]), found.remarks
