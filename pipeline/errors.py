"""What can go wrong in a user's world, each as one line: what, where, what to do.

Everything here is caught at the roof and printed without a traceback. Anything else that is raised is a bug.
"""

from __future__ import annotations

from pathlib import Path


def as_given(path: Path) -> str:
    """A path as it was typed: where somebody gave an address, with both slashes, of which a ``Path`` keeps one.

    >>> as_given(Path("https://example.org/a.mp3")), as_given(Path("file:///a.mp3")), as_given(Path("a/b.mp3"))
    ('https://example.org/a.mp3', 'file:///a.mp3', 'a/b.mp3')
    """
    scheme, colon, rest = str(path).partition(":/")
    if not colon or scheme.casefold() not in {"http", "https", "ftp", "file"}:
        return str(path)
    return f"{scheme}://{'/' if scheme.casefold() == 'file' else ''}{rest}"


class PipelineError(Exception):
    """The base of all errors that a user can do something about; ``str`` of it is the line to show."""

    exit_status = 1


class AudioError(PipelineError):
    """The audio cannot be used: missing, not audio, empty, damaged."""

    def __init__(self, path: Path, reason: str, advice: str = "") -> None:
        self.path, self.reason, self.advice = path, reason, advice
        super().__init__(f"{as_given(path)}: {reason}{f'; {advice}' if advice else ''}")


class NoSpeechError(AudioError):
    """The audio was read to its end and nobody speaks in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "no speech found", "is this the episode's audio?")


class TranscriptError(PipelineError):
    """The transcript cannot be read as one."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        self.path, self.reason, self.line = path, reason, line
        super().__init__(f"{as_given(path)}{f', line {line}' if line else ''}: {reason}")


class WeightsError(PipelineError):
    """A model's files cannot be had or are not what they should be."""

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(f"model {model}: {reason}")


class EngineError(PipelineError):
    """A speech engine is not usable here or failed at work."""

    def __init__(self, engine: str, reason: str) -> None:
        self.engine, self.reason = engine, reason
        super().__init__(f"{engine}: {reason}")


class OutputError(PipelineError):
    """A result may not or cannot be written where it belongs."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class LedgerError(PipelineError):
    """The ledger of a batch cannot be read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: the ledger of the batch {reason}")


class LostWorkerError(PipelineError):
    """The process that worked on an episode ended again and again without a result."""

    def __init__(self, deaths: int) -> None:
        super().__init__(
            f"the process that worked on it ended {deaths} times (killed, or out of memory?); "
            "try again with fewer --workers or a smaller --model"
        )


class NoWorkerError(PipelineError):
    """No process can be started to work in, so that nothing can be done with any episode."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(f"no process can be started to work in ({reason}); what it says is above, if it says anything")


class PlaceError(PipelineError):
    """A file cannot be had from its address, or not be put there."""

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(f"{address}: {reason}")


class ClusterError(PipelineError):
    """The machines of a cluster cannot be used, or no longer."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"cluster {where}: {reason}")


class VoiceBookError(PipelineError):
    """A voice book cannot be read or written, or is not what it should be."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class WrongAudioError(PipelineError):
    """The transcript and the audio do not belong together."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}; --force aligns them all the same")


class FeedError(PipelineError):
    """A podcast's feed cannot be had or read."""

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(f"{address}: {reason}")


class ConfigError(PipelineError):
    """A configuration file or a value on the command line is not understood."""

    exit_status = 2

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where}: {reason}")
