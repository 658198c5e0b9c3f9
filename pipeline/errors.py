"""The errors that a user can correct, each as one line: what, where, what to do.

``cli.main`` catches these errors and prints them without a traceback. Any other exception is a bug.
"""

from __future__ import annotations

from pathlib import Path

INTERRUPTED = 130
INTERRUPTED_LINE = "cuemark: interrupted; every file is whole, and the next run goes on from here"
"""The exit status after Ctrl-C, and what is printed."""


def as_given(path: Path) -> str:
    """Return a path as it was typed: an address has both slashes again, of which a ``Path`` keeps one.

    >>> as_given(Path("https://example.org/a.mp3")), as_given(Path("file:///a.mp3")), as_given(Path("a/b.mp3"))
    ('https://example.org/a.mp3', 'file:///a.mp3', 'a/b.mp3')
    """
    scheme, colon, rest = str(path).partition(":/")
    if not colon or scheme.casefold() not in {"http", "https", "ftp", "file"}:
        return str(path)
    return f"{scheme}://{'/' if scheme.casefold() == 'file' else ''}{rest}"


def how_to_install(extra: str) -> str:
    """Return the line that installs an extra of cuemark, which is on no package index, from a checkout.

    >>> how_to_install("s3")
    'in the checkout of cuemark type: pip install --constraint constraints.txt ".[s3]"'
    """
    return f'in the checkout of cuemark type: pip install --constraint constraints.txt ".[{extra}]"'


class PipelineError(Exception):
    """The base of all errors that a user can do something about; ``str`` of it is the line to show."""

    exit_status = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the line and the attributes, whatever the constructor takes: another process may raise the error."""
        return _error_of, (type(self), str(self), self.__dict__)


def _error_of(kind: type[PipelineError], line: str, attributes: dict[str, object]) -> PipelineError:
    """Return an error as it was pickled."""
    error = kind.__new__(kind, line)
    error.__dict__.update(attributes)
    return error


class AudioError(PipelineError):
    """The audio cannot be used: missing, not audio, empty, damaged.

    What to do: Check the path, and play the file to its end in a player. If it does not play, download or export it
    again; if it does, save it as mp3, m4a or wav and give that file. For an episode of a feed, run the same command
    again: the download continues where it stopped.
    """

    def __init__(self, path: Path, reason: str, advice: str = "") -> None:
        self.path, self.reason, self.advice = path, reason, advice
        super().__init__(f"{as_given(path)}: {reason}{f'; {advice}' if advice else ''}")


class NoSpeechError(AudioError):
    """The audio was read to its end, and there is no speech in it.

    What to do: Check that it is the episode's audio and that it is not silent. If people do speak, softly or below
    music, lower ``threshold`` in the table ``[speech]`` of a configuration file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "no speech found", "is this the episode's audio?")


class TranscriptError(PipelineError):
    """The transcript cannot be read as one.

    What to do: Give a Markdown or plain text file in UTF-8, after the audio, or subtitles (SRT, VTT, ASS), JSON of
    Whisper, WhisperX, the Podcasting 2.0 namespace, Rev or oTranscribe, or a web page. If the error names a
    line, look at it. A document of a word processor has to be saved as plain text first. ``cuemark check`` shows
    how a transcript is understood. What is in a format of another program is not changed in place: ``cuemark convert``
    makes Markdown of it.
    """

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        self.path, self.reason, self.line = path, reason, line
        super().__init__(f"{as_given(path)}{f', line {line}' if line else ''}: {reason}")


class WeightsError(PipelineError):
    """A model's files are not available, or are not what they should be.

    What to do: Run ``cuemark doctor``: it shows which models are there and what to type. ``cuemark models fetch MODEL``
    downloads one, ``cuemark models verify`` checks those that are there. Without a network, copy the folder of models
    from another machine and name it in ``CUEMARK_MODELS``, or give the path of your own files as ``--model``.
    """

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(f"model {model}: {reason}")


class EngineError(PipelineError):
    """A speech engine cannot be used on this machine, or failed while working.

    What to do: Run ``cuemark doctor --deep``: it loads each engine and transcribes a second of speech with it. If only
    one engine fails, use the other one with ``--engine``; if a GPU fails or its memory is too small, use
    ``--device cpu`` or a smaller ``--model``. Without the diarization engine, ``--no-voices`` does everything else.
    """

    def __init__(self, engine: str, reason: str) -> None:
        self.engine, self.reason = engine, reason
        super().__init__(f"{engine}: {reason}")


class OtherRecordingError(PipelineError):
    """Two recordings are not cuts of the same one, so no times can be moved from one to the other.

    What to do: Check that both are of the same episode. If they are, and one was recorded anew or its speed differs by
    more than 5 %, ``cuemark align`` finds the times by listening to the new one.
    """

    def __init__(self, old: Path, new: Path) -> None:
        self.old, self.new = old, new
        super().__init__(
            f"{as_given(new)}: has too little of the sound of {as_given(old)} to be another cut of it; "
            "if it is the same episode, align it with the transcript instead"
        )


class OtherWordsError(PipelineError):
    """A recording does not say what a file with times says, so its times cannot be found by listening.

    What to do: Check that both are of the same episode, and the language (``--language``). If they are, give the audio
    that the times are of (``cuemark retime --from``): then both are compared by their sound, whatever is said.
    """

    def __init__(self, timed: Path, new: Path) -> None:
        self.timed, self.new = timed, new
        super().__init__(
            f"{as_given(new)}: too few of the words of {as_given(timed)} are said in it; "
            "give the audio that the times are of with --from"
        )


class OutputError(PipelineError):
    """A result may not or cannot be written where it belongs.

    What to do: Give another folder with ``--output-dir``. If the line says that the file is not as cuemark left it,
    a person or another program has changed it: keep that work under another name, then run again, or replace it with
    ``--overwrite``. If it says that the transcript was changed meanwhile, run again. If it says that a link leads out
    of the folder, look at that link: cuemark did not make it. Where several files were to be written, the line says
    which of them are.
    """

    def __init__(self, path: Path, reason: str, written: tuple[Path, ...] = ()) -> None:
        self.path, self.reason, self.written = path, reason, written
        super().__init__(f"{path}: {reason}")


class LedgerError(PipelineError):
    """The ledger of a batch cannot be read or written.

    What to do: Check that its folder can be written and that the disk has room. Keep the ledger on a local disk
    (``--ledger FILE``): SQLite does not work well on network disks. If it is damaged, move it away and run again: what
    was heard is still in the store.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: the ledger of the batch {reason}")


class LostWorkerError(PipelineError):
    """The process that worked on an episode ended again and again without a result.

    What to do: Most often the memory is too small. Run again with ``--retry-failed`` and fewer ``--workers`` or a
    smaller ``--model``. If it is always the same episode, align that one alone with ``--debug``.
    """

    def __init__(self, deaths: int) -> None:
        super().__init__(
            f"the process that worked on it ended {deaths} times (killed, or out of memory?); "
            "try again with fewer --workers or a smaller --model"
        )


class NoWorkerError(PipelineError):
    """No process can be started to work in, so that nothing can be done with any episode.

    What to do: Read the lines above it: they come from the process that could not start. Free some memory, and check
    with ``cuemark doctor`` that the installation is complete.
    """

    def __init__(self, reason: Exception) -> None:
        super().__init__(f"no process can be started to work in ({reason}); what it says is above, if it says anything")


class PlaceError(PipelineError):
    """A file at an address cannot be read or written.

    What to do: Check the address, the account and the network with the tools of the object store itself (for ``s3://``:
    ``aws s3 ls``), on every machine that works. Then run again with ``--retry-failed``.
    """

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(f"{address}: {reason}")


class ClusterError(PipelineError):
    """The machines of a cluster cannot be used, or no longer.

    What to do: Install the same versions of Python and cuemark on every machine. For ``ssh:``, each host has to be
    reached without a question; for an address, the scheduler has to run. Then give the same command again: it goes on
    with what is not done.
    """

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"cluster {where}: {reason}")


class VoiceBookError(PipelineError):
    """A voice book cannot be read or written, or is not what it should be.

    What to do: Look at the folder that ``cuemark voices`` shows. Replace a damaged book with a copy, or remove
    it and learn the voices again by aligning labelled episodes with ``--voice-book``. A book of a newer cuemark needs
    that version.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class JournalError(PipelineError):
    """The journal of a document in the desk cannot be read or written.

    What to do: Make room on the disk that the line names; the page keeps what you type until then. If the journal's
    folder cannot be written at all, name another one in ``CUEMARK_DESK``.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: the journal {reason}")


class DeskError(PipelineError):
    """The desk cannot be opened for a document, or cannot save it.

    What to do: Do what the line says. Without ``--port`` the desk takes a port that is free.
    """

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what}: {reason}")


class WrongAudioError(PipelineError):
    """The transcript and the audio do not belong together.

    What to do: Check that both are of the same episode. If they are, and the transcript is very free or much was cut
    from the audio, ``--force`` aligns them anyway; then look at the findings.
    """

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}; --force aligns them anyway")


class NothingFoundError(PipelineError):
    """None of the written words was found in the audio.

    What to do: Check that the transcript is of this episode, and its language (``--language``). If only a few words are
    typed and they are unlike what is said, ``--force`` writes the results anyway, without times.
    """

    def __init__(self, transcript: str, words: int) -> None:
        self.transcript, self.words = transcript, words
        super().__init__(
            f"{transcript}: none of the written words ({words}) was found in the audio; "
            "is it this episode's? --force goes on anyway"
        )


class FeedError(PipelineError):
    """A podcast's feed cannot be downloaded or read.

    What to do: Open the address in a browser: it has to show RSS, not a web page about the podcast. If it needs a
    password, download the file and give its path.
    """

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(f"{address}: {reason}")


class BatchSourceError(PipelineError):
    """The source of a batch, or its ledger, is missing, cannot be read, or is not what it should be.

    What to do: Check the path or the address. A source is a folder with audio, a manifest (CSV, YAML, JSON Lines), or
    the address of a podcast's feed; the line says what is wrong with this one, and in which line of a manifest.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(f"{source}: {reason}")


class ConfigError(PipelineError):
    """A configuration file or a value on the command line is not understood.

    What to do: Correct what the line names; it says what is possible there. ``cuemark COMMAND --help`` lists the
    options, ``--show-config`` prints every option in force and what set it.
    """

    exit_status = 2

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where}: {reason}")
