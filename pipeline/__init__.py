"""cuemark: every word of a podcast's human transcript, found in its audio.

``align``, ``marker``, ``finish`` and ``draft`` are what the command line itself calls; the types are those of
``schema``, where each is described. Importing this loads nothing else; what is asked for is loaded then.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.episode.run import Finished as Finished
    from pipeline.episode.run import Mark as Mark
    from pipeline.episode.run import align as align
    from pipeline.episode.run import draft as draft
    from pipeline.episode.run import finish as finish
    from pipeline.episode.run import marker as marker
    from pipeline.errors import PipelineError as PipelineError
    from pipeline.files.store import Store as Store
    from pipeline.listening.transcribe import TranscribeOptions as TranscribeOptions
    from pipeline.progress import Step as Step
    from pipeline.schema import Continue as Continue
    from pipeline.schema import DraftTurn as DraftTurn
    from pipeline.schema import Edit as Edit
    from pipeline.schema import Finding as Finding
    from pipeline.schema import HeardWord as HeardWord
    from pipeline.schema import Hearing as Hearing
    from pipeline.schema import NamedTurn as NamedTurn
    from pipeline.schema import Result as Result
    from pipeline.schema import TimedUtterance as TimedUtterance
    from pipeline.schema import TimedWord as TimedWord
    from pipeline.schema import Transcript as Transcript
    from pipeline.schema import Utterance as Utterance
    from pipeline.schema import WrittenWord as WrittenWord
    from pipeline.settings.config import Config as Config
    from pipeline.settings.precedence import load_settings as load_settings
    from pipeline.times import Span as Span
    from pipeline.writing import FORMATS as FORMATS
    from pipeline.writing.cues import CueOptions as CueOptions

__version__: str

_HOMES = {
    "FORMATS": "writing",
    "Config": "settings.config",
    "Continue": "schema",
    "CueOptions": "writing.cues",
    "Edit": "schema",
    "DraftTurn": "schema",
    "Finding": "schema",
    "Finished": "episode.run",
    "HeardWord": "schema",
    "Hearing": "schema",
    "Mark": "episode.run",
    "PipelineError": "errors",
    "Result": "schema",
    "Span": "times",
    "Step": "progress",
    "Store": "files.store",
    "TimedUtterance": "schema",
    "TimedWord": "schema",
    "TranscribeOptions": "listening.transcribe",
    "Transcript": "schema",
    "Utterance": "schema",
    "WrittenWord": "schema",
    "NamedTurn": "schema",
    "align": "episode.run",
    "draft": "episode.run",
    "finish": "episode.run",
    "load_settings": "settings.precedence",
    "marker": "episode.run",
}
"""What is offered, and the module that it is loaded from."""

__all__ = [
    "FORMATS",
    "Config",
    "Continue",
    "CueOptions",
    "DraftTurn",
    "Edit",
    "Finding",
    "Finished",
    "HeardWord",
    "Hearing",
    "Mark",
    "NamedTurn",
    "PipelineError",
    "Result",
    "Span",
    "Step",
    "Store",
    "TimedUtterance",
    "TimedWord",
    "TranscribeOptions",
    "Transcript",
    "Utterance",
    "WrittenWord",
    "__version__",
    "align",
    "draft",
    "finish",
    "load_settings",
    "marker",
]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 -- loads nothing until asked

    try:
        return version("cuemark")
    except PackageNotFoundError:  # a folder of sources, not installed
        return "unknown"


def __getattr__(name: str) -> object:
    if name == "__version__":
        return _version()
    if name in _HOMES:
        return getattr(importlib.import_module(f"pipeline.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
