"""All values that stages pass to each other, frozen, on one page.

*Written* is the human's text, *heard* is the machine's. Offsets count code points of the transcript's source;
times are milliseconds on the audio's clock. Sequences are tuples, so no receiver can change a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from pipeline.times import ClockStyle, Ms, Span

# --- what is written -------------------------------------------------------------------------------------------


# Structs take half the memory of dataclasses and a tenth of the time.
class Chars(msgspec.Struct, frozen=True, order=True, gc=False):
    """A half-open range of a transcript's source; an empty one is a place for an insertion."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a range of text needs 0 <= start <= end, got {self.start}..{self.end}")


class Run(msgspec.Struct, frozen=True, gc=False):
    """Half-open indices into a sequence of words; an empty one means that this side has no words here."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.end))


WordKind = Literal["spoken", "editorial", "unintelligible"]
"""``editorial`` words ("[Laughter]") may be spoken or not and never count; ``unintelligible`` is any few words."""


class WrittenWord(msgspec.Struct, frozen=True, gc=False):
    """One written word of an utterance, by its index; ``source[chars] == text``, and ``shown`` is its rendered text.

    ``keys`` are the words as spoken, folded (``"0.8"`` is ``("zero", "point", "eight")``); empty if nothing is spoken.
    """

    text: str
    shown: str
    keys: tuple[str, ...]
    start: int  # in the source
    utterance: int
    kind: WordKind = "spoken"

    @property
    def chars(self) -> Chars:
        """Its range in the source."""
        return Chars(self.start, self.start + len(self.text))


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A time that the human typed: its place, its value, and the index of the word it is about.

    ``chars`` covers the digits alone, without brackets. ``heads`` is true for an utterance's time, else false.
    """

    chars: Chars
    at: Ms
    word: int
    heads: bool


class Utterance(msgspec.Struct, frozen=True, gc=False):
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
    """A heading of a part of the episode; ``utterance`` is the index of the first one at or after it."""

    title: str
    chars: Chars
    utterance: int


@dataclass(frozen=True, slots=True)
class Note:
    """A "continue at" note: its whole range, the range of its time's digits, and the value of that time."""

    chars: Chars
    clock: Chars
    at: Ms
    form: Literal["comment", "heading", "todo"]


@dataclass(frozen=True, slots=True)
class TimeNotation:
    r"""How this file writes the time of an utterance: ``opening`` + digits + ``closing``, such as `` \[0:17\]``."""

    place: Literal["before-label", "in-label", "after-label"] = "before-label"
    opening: str = ""
    closing: str = " - "
    clock: ClockStyle = field(default_factory=ClockStyle)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A human's transcript: ``source`` is the unchanged file, ``doubtful`` what may be a label and is read as text."""

    source: str
    title: str | None
    panel: tuple[str, ...]
    sections: tuple[Section, ...]
    utterances: tuple[Utterance, ...]
    words: tuple[WrittenWord, ...]
    claims: tuple[Claim, ...]
    notes: tuple[Note, ...]
    notation: TimeNotation
    doubtful: tuple[Chars, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``text`` in the place of ``chars``: the only way in which a transcript is ever changed."""

    chars: Chars
    text: str


# --- what is heard ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word as an engine heard it; ``probability`` is 0..1, None if the engine gives none."""

    text: str
    span: Span
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """Everything that was heard: words in order of time, and voice activity.

    Attributes:
        speech: voice activity, ordered and disjoint; a pause is the time between two of them.
        engine: ``faster-whisper`` or ``openai-whisper``; ``model`` its name, ``weights`` the SHA-256 of its file.
        hints: the terms given to the engine; words of windows heard before may have been heard with other terms.
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
    """A span in which one voice speaks, under the diarizer's label (``SPEAKER_00``); turns may overlap."""

    span: Span
    voice: str


class VoiceSample(msgspec.Struct, frozen=True, rename={"embedding": "vector"}):
    """The embedding of one voice in ``spans`` (ordered, disjoint) within a few seconds in which it speaks alone.

    It is float32, little-endian, shape (192,), of unit length; comparable only within the same weights.
    """

    spans: tuple[Span, ...]
    voice: str
    embedding: bytes


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who speaks when, as clusters without names.

    Attributes:
        turns, samples: ordered by start; turns of one voice are disjoint, neighbouring samples may overlap.
        weights: the SHA-256 of the model's files (see ``listening.models.locate``).
    """

    turns: tuple[Turn, ...]
    samples: tuple[VoiceSample, ...]
    engine: str
    model: str
    weights: str
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


class VoiceExample(msgspec.Struct, frozen=True, order=True, rename={"embedding": "vector"}):
    """A few seconds from ``at`` on in which one person speaks alone; the embedding is of ``ms`` of speech."""

    at: Ms
    ms: Ms
    embedding: bytes


@dataclass(frozen=True, slots=True)
class VoiceExamples:
    """What one episode adds to a voice book: examples by the name in its labels, and the embeddings' ``weights``."""

    audio: str
    episode: str
    weights: str
    voices: Mapping[str, tuple[VoiceExample, ...]] = field(default_factory=dict)


# --- what fits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """Written words and the heard words that they match.

    ``score`` is 0..1; above 0 both runs are non-empty and say the same. At 0 nothing was matched: either run may be
    empty (only in the other text), and if neither is, the two are at the same place but differ.
    """

    written: Run
    heard: Run
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairings that tile both texts: contiguous, in order, from 0 to both lengths."""

    pairings: tuple[Pairing, ...]
    anchor_share: float | None  # share of unique written n-grams found in order; None if there are too few


@dataclass(frozen=True, slots=True)
class TimedWord:
    """The time of ``Transcript.words[i]``: by forced alignment, as heard, from its neighbours; None if not spoken."""

    span: Span | None
    timing: Literal["forced", "heard", "interpolated"] | None
    confidence: float

    @property
    def measured(self) -> bool:
        """Whether the time is of a sound, and not only from its neighbours."""
        return self.timing in {"forced", "heard"}


Fit = Literal["verbatim", "reworded", "partial", "not-found"]

SURE_CONFIDENCE = 0.5
"""From this confidence on an utterance's time is written into the document, and its words into subtitles."""


@dataclass(frozen=True, slots=True)
class TimedUtterance:
    """The time of ``Transcript.utterances[i]``, with its voice; ``span`` is None if it was not found."""

    span: Span | None
    confidence: float
    fit: Fit
    heard_speaker: str | None = None  # whose voice is heard, spelt as in the labels; None if that is not known

    @property
    def is_sure(self) -> bool:
        """Whether it was found with enough confidence."""
        return self.span is not None and self.confidence >= SURE_CONFIDENCE


FindingKind = Literal[
    "untranscribed", "not-heard", "name-variant", "speaker-mismatch", "shared-turn", "unknown-speaker", "time-drift",
    "time-offset", "note-moved", "low-confidence", "wrong-audio", "possible-label", "times-start-again",
    "misheard", "incomplete-audio",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should look at; ``details`` are the fields of its kind, in JSON's own types."""

    kind: FindingKind
    message: str
    utterance: int | None = None
    span: Span | None = None
    details: Mapping[str, str | float | tuple[str, ...] | tuple[int, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Continue:
    """Where the typing stops; ``at`` is None if the transcript is complete, or if that is not known."""

    at: Ms | None
    complete: bool
    hole_note: int | None = None  # the index of the note that marks a hole in the middle and stays there


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person; ``recognised`` is the cosine similarity to the show's voice book if the name comes from there."""

    name: str
    cluster: str | None
    duration: Ms
    recognised: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went in: its path as the user gave it and the SHA-256 of its bytes."""

    path: str
    sha256: str
    is_cut_off: bool = False  # a recording whose end is missing, as in an incomplete download


@dataclass(frozen=True, slots=True)
class NamedTurn:
    """A turn of one person: a name from the labels, ``Unknown speaker 1``, or None if the speaker is not known."""

    span: Span
    name: str | None


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """One turn that ``finish`` and ``draft`` write.

    Attributes:
        words: as in the document: with the human's spelling, without fillers unless they are wanted.
        text: the words as people read them; a blank line separates paragraphs.
        fills: the place in the transcript: empty for a hole, the mark's for one; None for the rest at the end.
    """

    speaker: str | None
    span: Span
    words: tuple[HeardWord, ...]
    text: str
    fills: Chars | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Everything known about one episode; every output is a rendering of it.

    Attributes:
        named_turns: who speaks when, ordered and disjoint, the untyped rest included; empty if it is not known.
        diarization, forced_by: the engine of the diarization and of the forced alignment; None if there was none.
        drafted: what ``finish`` and ``draft`` wrote; empty otherwise.
        examples: examples of the voices of the people in the labels; None if no voice book was given.
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
    forced_by: str | None = None
    drafted: tuple[DraftTurn, ...] = ()
    examples: VoiceExamples | None = None
