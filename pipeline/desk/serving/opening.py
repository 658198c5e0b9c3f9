"""What a desk is opened with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.safekeeping.kept_document import KeptDocument
from pipeline.desk.settle import Settled, SettleRequest
from pipeline.episode.stored_alignment import KeptAlignment
from pipeline.schema import VoiceExamples
from pipeline.times import Ms


@dataclass(frozen=True, slots=True)
class Opening:
    """What a desk is opened with.

    Attributes:
        begin: begins a session with a text.
        settle: computes the answer to a request of the session in another process; None if that has ended.
        times: whether times are written when it is saved, even if the text has none so far.
        formats: the results that are written beside the text when it is saved.
        write_beside: writes their contents, and returns their paths.
        look: asks the process that listens for the second pass with a text; None if there is no second pass.
        learn: adds the voices of the episode to the show's voice book, and returns lines that say what it learned; None
            if no book is used.
        key: under which an alignment is kept.
        keep: keeps an alignment, with which the document opens the next time; None if none is kept.
        settled: is called whenever the page has the times of everything that is to be heard; None if nobody waits.
    """

    document: KeptDocument
    audio: Path
    duration: Ms
    begin: Callable[[str], DeskSession]
    settle: Callable[[SettleRequest], Coroutine[None, None, Settled | None]]
    times: bool
    formats: tuple[str, ...]
    write_beside: Callable[[Mapping[str, bytes]], tuple[Path, ...]]
    look: Callable[[str], Coroutine[None, None, None]] | None = None
    learn: Callable[[VoiceExamples], tuple[str, ...]] | None = None
    key: str = ""
    keep: Callable[[KeptAlignment], None] | None = None
    settled: Callable[[], None] | None = None
