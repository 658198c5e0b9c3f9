"""Every value that passes from room to room, frozen, on one page.

*Written* is the human's text, *heard* is the machine's. Offsets count code points of the transcript's source;
times are milliseconds on the audio's clock. Sequences are tuples, so a value can be passed and never be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.times import ClockStyle, Ms, Span

# --- what is written -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Chars:
    """A stretch of a transcript's source, half-open; an empty one is a place to insert at."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a stretch of text needs 0 <= start <= end, got {self.start}..{self.end}")


@dataclass(frozen=True, slots=True)
class Run:
    """Half-open indices into a sequence of words; an empty one says that this side has nothing here."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.end))


WordKind = Literal["spoken", "editorial", "unintelligible"]
"""``editorial`` words ("[Laughter]") may or may not be spoken and never count; ``unintelligible`` is any few words."""


@dataclass(frozen=True, slots=True)
class WrittenWord:
    """One written word. ``source[chars] == text``; ``shown`` is what a reader of the rendered page sees of it.

    Attributes:
        keys: the words as spoken, folded (``"0.8"`` is ``("zero", "point", "eight")``); empty where nothing is said.
        utterance: index of the utterance that it belongs to.
    """

    text: str
    shown: str
    keys: tuple[str, ...]
    chars: Chars
    utterance: int
    kind: WordKind = "spoken"


@dataclass(frozen=True, slots=True)
class Claim:
    """A time that the human typed: where it stands, what it says, and the index of the word it is about.

    ``chars`` covers the digits alone, without brackets. ``heads`` tells the time of an utterance from one inside it.
    """

    chars: Chars
    at: Ms
    word: int
    heads: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speaker's turn as written.

    Attributes:
        label: the name as typed, with its markup and colon; None for text without a label.
        speaker: the name alone; None where it is unknown (``****:``) or not given.
        chars: all of it, the typed time and the label included, without the blank lines after it.
        words: its words, as indices into ``Transcript.words``.
        time_at: where a time before the label is inserted; None where it gets none (no label).
        claim: the time that the human typed for it, if any.
    """

    index: int
    label: Chars | None
    speaker: str | None
    section: str | None
    chars: Chars
    words: Run
    time_at: int | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that people see as a part of the episode; ``utterance`` is the first one at or after it."""

    title: str
    chars: Chars
    utterance: int


@dataclass(frozen=True, slots=True)
class Note:
    """A "continue at" note: all of it, its time's digits within, and what that time says."""

    chars: Chars
    clock: Chars
    at: Ms
    form: Literal["comment", "heading", "todo"]


@dataclass(frozen=True, slots=True)
class TimeNotation:
    r"""How this file writes the time of an utterance: ``opening`` + digits + ``closing``.

    Before the label (``"" + "0:17" + " - "``, ``"[" + "00:01:02" + "] "``), in it before its colon
    (``" (" + … + ")"``), or right after it (``" \[" + … + "\]"``).
    """

    place: Literal["before-label", "in-label", "after-label"] = "before-label"
    opening: str = ""
    closing: str = " - "
    clock: ClockStyle = field(default_factory=ClockStyle)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A human's transcript, read but not changed: ``source`` is the file to the code point (a BOM included)."""

    source: str
    title: str | None
    panel: tuple[str, ...]
    sections: tuple[Section, ...]
    utterances: tuple[Utterance, ...]
    words: tuple[WrittenWord, ...]
    claims: tuple[Claim, ...]
    notes: tuple[Note, ...]
    notation: TimeNotation


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``text`` in the place of ``chars``: the only way in which a transcript is ever changed."""

    chars: Chars
    text: str


# --- what is heard ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word as an engine heard it; ``probability`` is 0..1, None where the engine gives none."""

    text: str
    span: Span
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that was heard: words in order of time, and the stretches in which anybody speaks at all.

    Attributes:
        speech: voice activity, ordered and disjoint; a pause is what lies between two of them.
        engine: ``faster-whisper`` or ``openai-whisper``; ``model`` its name, ``weights`` the SHA-256 of its file.
        hints: the terms that the engine was told; what was taken from windows heard before may have been told others.
    """

    words: tuple[HeardWord, ...]
    speech: tuple[Span, ...]
    duration: Ms
    language: str
    engine: str
    model: str
    weights: str
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one voice speaks, under the diarizer's label (``SPEAKER_00``); turns may overlap."""

    span: Span
    voice: str


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """How one voice sounds where it speaks alone, in ``spans`` (ordered, disjoint) within a few seconds.

    ``vector`` is float32, little-endian, shape (192,), of unit length; comparable only with those of the same weights.
    """

    spans: tuple[Span, ...]
    voice: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who speaks when, as far as the sound tells; whose name belongs to a voice is not known here.

    Attributes:
        turns: ordered by start; of one voice disjoint.
        samples: ordered by start; those of neighbouring seconds may overlap.
        engine: ``pyannote.audio``; ``model`` the name of what it ran with, ``weights`` the SHA-256 that tells its files
            from others (see ``listening.models.locate``).
    """

    turns: tuple[Turn, ...]
    samples: tuple[VoiceSample, ...]
    engine: str
    model: str
    weights: str
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class VoiceExample:
    """A few seconds in which one person speaks alone.

    Attributes:
        at: when in the episode they begin.
        ms: of speech that the vector was taken from.
        vector: as ``VoiceSample`` has it; comparable only with those of the same weights.
    """

    at: Ms
    ms: Ms
    vector: bytes


@dataclass(frozen=True, slots=True)
class VoiceExamples:
    """What one episode teaches: examples by the name that its labels give; ``weights`` is that of its vectors."""

    audio: str
    episode: str
    weights: str
    voices: Mapping[str, tuple[VoiceExample, ...]] = field(default_factory=dict)


# --- what fits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """Written words and the heard words that they stand for.

    ``score`` is 0..1; above 0 both runs are non-empty and say the same. At 0 nothing was matched: either run may be
    empty (only in the other text), and where neither is, the two lie at the same place but read differently.
    """

    written: Run
    heard: Run
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairings that tile both texts: contiguous, in order, from 0 to both lengths.

    ``anchor_share`` tells whether the two belong together: the share of unique written n-grams that were found in order
    (see ``matching.alignment.same_recording``), None with too few to judge.
    """

    pairings: tuple[Pairing, ...]
    anchor_share: float | None


@dataclass(frozen=True, slots=True)
class TimedWord:
    """The time of ``Transcript.words[i]``: measured, interpolated, or none where nobody says it."""

    span: Span | None
    measured: bool
    confidence: float


Fit = Literal["verbatim", "reworded", "partial", "not-found"]


@dataclass(frozen=True, slots=True)
class TimedUtterance:
    """The time of ``Transcript.utterances[i]``; ``span`` is None where it was not found.

    ``heard_speaker`` is the person whose voice it is, as labels spell the name; None where that is not known.
    """

    span: Span | None
    confidence: float
    fit: Fit
    heard_speaker: str | None = None


FindingKind = Literal[
    "untranscribed",
    "not-heard",
    "name-variant",
    "speaker-mismatch",
    "shared-turn",
    "unknown-speaker",
    "time-drift",
    "time-offset",
    "note-moved",
    "low-confidence",
    "wrong-audio",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should look at; ``details`` are the fields of its kind, in JSON's own types."""

    kind: FindingKind
    message: str
    utterance: int | None = None
    span: Span | None = None
    details: Mapping[str, str | float | tuple[str, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Continue:
    """Where the typing stops: the point (None where it is complete or nothing was found), and what that means.

    ``at_note`` is the index of the note that marks a hole in the middle and stays there, if it is one.
    """

    at: Ms | None
    complete: bool
    hole_note: int | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person of the episode and how long the utterances under that name last.

    ``recognised`` is how alike the voice is to that in the show's voice book (a cosine), where the name is from there.
    """

    name: str
    cluster: str | None
    duration: Ms
    recognised: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went in: its path as the user gave it and the SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NamedTurn:
    """A stretch in which one person speaks: a name of the labels, ``Unknown speaker 1``, or None where nobody knows."""

    span: Span
    name: str | None


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """One turn that ``finish`` and ``draft`` write.

    Attributes:
        words: as written into the document: spelling settled, fillers dropped unless everything is wanted.
        text: the same as people read it; paragraphs are parted by a blank line.
        fills: what it fills of the transcript's source: an empty stretch for a hole in the middle, that of the mark
            for an unintelligible one; None for the rest after the last utterance.
    """

    speaker: str | None
    span: Span
    words: tuple[HeardWord, ...]
    text: str
    fills: Chars | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """All that is known of one episode; every output is a rendering of it.

    Attributes:
        named_turns: who speaks when, ordered and disjoint, the untyped rest included; empty where that is not known.
        diarization: the engine that told the voices apart; None where none did.
        drafted: what ``finish`` and ``draft`` wrote; empty otherwise.
        examples: what the labels teach of their people's voices; None where no voice book was given.
    """

    audio: Source
    transcript_file: Source | None
    transcript: Transcript
    hearing: Hearing
    alignment: Alignment
    words: tuple[TimedWord, ...]
    utterances: tuple[TimedUtterance, ...]
    continue_point: Continue
    coverage: float
    speakers: tuple[Speaker, ...]
    findings: tuple[Finding, ...]
    versions: Mapping[str, str]
    named_turns: tuple[NamedTurn, ...] = ()
    diarization: str | None = None
    drafted: tuple[DraftTurn, ...] = ()
    examples: VoiceExamples | None = None
