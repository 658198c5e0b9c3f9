"""Read a human's Markdown transcript as utterances, words, typed times and notes, each with its place in the source.

``source ─ hidden_text ─▶ masked text ─ blocks ─▶ paragraphs ─ outline ─▶ speech ─ labels ─▶ turns ─ tokens ─▶ words``

The source is not changed, and any text is accepted; one without speech is a transcript without utterances. Lines and
inline markup are scanned by code of our own, since edits need offsets and Markdown renderers give none. It takes time
linear in the length of the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from pipeline.reading.labels.forms import Label
from pipeline.reading.labels.grammar import LabelGrammar, doubtful_label, find_labels
from pipeline.reading.labels.label_times import leading_time, sure_leading_time
from pipeline.reading.labels.notation_evidence import LineStart
from pipeline.reading.markup.hidden_text import MaskedSource, mask_hidden_text
from pipeline.reading.markup.notation import TypedTime, notation_of
from pipeline.reading.markup.whitespace import BLANK
from pipeline.reading.structure.blocks import Block, dashes_mark_labels, reference_names, split_blocks
from pipeline.reading.structure.outline import (
    Boundary,
    Outline,
    line_starts,
    mark_label_headings,
    read_file_grammar,
    read_outline,
)
from pipeline.reading.words.written_words import TimeToken, tokenize
from pipeline.schema import Chars, Claim, Run, Section, Transcript, Utterance, WrittenWord


def parse(source: str, language: str = "en") -> Transcript:
    """Read a transcript.

    Any string can be read. ``source[word.chars] == word.text`` for every word; words, claims and notes are in order
    and disjoint; every word belongs to one utterance, and every utterance has a word that is spoken.

    Args:
        language: Whisper's code of the language, for the keys of the words.

    >>> parse("**Ann**: Hello, Bob.").utterances[0].speaker
    'Ann'
    """
    return _read_file(source, language)[0]


def parse_file(source: str, language: str = "en") -> tuple[Transcript, FileReading]:
    """Read a transcript as ``parse``, and also return what passages of it can be read with."""
    transcript, reader = _read_file(source, language)
    dashes = dashes_mark_labels(reader.masked.text)
    return transcript, FileReading(reader.grammar.without_places(), reader.references, dashes, language)


def _read_file(source: str, language: str) -> tuple[Transcript, _TurnReader]:
    masked = mask_hidden_text(source)
    blocks = split_blocks(masked.text)
    outline = read_outline(masked, blocks)
    grammar = read_file_grammar(masked, outline)
    reader = _TurnReader(masked, grammar, reference_names(masked.text, blocks), language)
    for part in outline.flow:
        reader.read(part)
    reader.close()
    return _transcript(outline, reader), reader


def _transcript(outline: Outline, reader: _TurnReader) -> Transcript:
    starts = [utterance.chars.start for utterance in reader.utterances]
    return Transcript(
        source=reader.masked.source,
        title=outline.title,
        panel=tuple(outline.panel),
        sections=tuple(
            Section(part.title, part.chars, bisect_left(starts, part.chars.start))
            for part in outline.flow
            if isinstance(part, Boundary) and part.title is not None
        ),
        utterances=tuple(reader.utterances),
        words=tuple(reader.words),
        claims=tuple(reader.claims),
        notes=tuple(outline.notes),
        notation=notation_of(reader.times),
        doubtful=tuple(reader.doubtful),
    )


@dataclass(frozen=True, slots=True)
class FileReading:
    """What is known of a file after it was read.

    Attributes:
        grammar: how it writes its labels.
        references: the names of its references.
        dashes: whether dashes at the start of lines are list marks.
        language: Whisper's code of the language.
    """

    grammar: LabelGrammar
    references: frozenset[str]
    dashes: bool
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Before:
    """What precedes a passage in its file.

    Attributes:
        speaker: of the turn before it, or of a label without words right above the heading that it is below.
        section: that it is in.
        has_labels: whether any label precedes it; without one, each paragraph is a turn.
        is_open: whether text without a label continues the turn before it.
    """

    speaker: str | None = None
    section: str | None = None
    has_labels: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a file, read by itself: offsets, words and utterances count from its start.

    Attributes:
        continues: whether its first utterance is a part of the turn before the passage, and may have no spoken word.
        is_open: whether text without a label that follows the passage continues its last turn.
    """

    transcript: Transcript
    continues: bool
    is_open: bool


def parse_passage(text: str, reading: FileReading, before: Before | None) -> Passage:
    """Read a passage that begins with a paragraph and ends before one, with what is known of its file.

    Args:
        text: the passage.
        reading: of the file as it was before.
        before: what precedes it; None for the start of the file.
    """
    masked = mask_hidden_text(text)
    blocks = split_blocks(masked.text, chevrons=reading.grammar.has_chevrons, dashes=reading.dashes)
    outline = read_outline(masked, blocks, has_speech=before is not None)
    mark_label_headings(masked.text, outline, reading.grammar)
    reader = _TurnReader(masked, reading.grammar, reading.references, reading.language)
    if before:
        reader.begin(before)
    for part in outline.flow:
        reader.read(part)
    is_open = reader.is_open
    reader.close()
    return Passage(_transcript(outline, reader), reader.continues, is_open)


class _Turn(msgspec.Struct, gc=False):
    """One utterance while its text is collected."""

    label: Label | None
    speaker: str | None
    section: str | None
    start: int
    end: int
    is_spoken: bool = False
    words: list[WrittenWord] = msgspec.field(default_factory=list)
    times: list[TimeToken] = msgspec.field(default_factory=list)


class _TurnReader:
    """Collects paragraphs, labels and boundaries into turns.

    Before the first label each paragraph is a turn. After it, text without a label continues the current turn; after a
    boundary it starts a new turn of the same speaker.
    """

    def __init__(self, masked: MaskedSource, grammar: LabelGrammar, references: frozenset[str], language: str) -> None:
        self.masked = masked
        self._text = masked.text
        self.grammar = grammar
        self.references = references
        self._language = language
        self._open: _Turn | None = None
        self._begun: _Turn | None = None  # the turn that goes on from before a passage
        self.continues = False  # whether the first utterance is a part of that turn
        self._speaker: str | None = None
        self._section: str | None = None
        self._has_labels = False
        self._waiting: TypedTime | None = None  # a time on a line of its own: of the label or the text that follows
        self.utterances: list[Utterance] = []
        self.words: list[WrittenWord] = []
        self.claims: list[Claim] = []
        self.times: list[TypedTime] = []  # of the labels
        self.doubtful: list[Chars] = []  # what may be a label and is read as text

    @property
    def is_open(self) -> bool:
        """Whether text without a label would continue a turn."""
        return self._open is not None and self._has_labels

    def begin(self, before: Before) -> None:
        """Go on after what precedes a passage."""
        self._speaker, self._section, self._has_labels = before.speaker, before.section, before.has_labels
        if before.is_open:
            self._open = self._begun = _Turn(None, before.speaker, before.section, 0, 0)

    def read(self, part: Block | Boundary) -> None:
        if isinstance(part, Boundary):
            if part.label is not None:
                self._start(part.label)
                return
            above = self._label_above(part)
            self.close()
            self._waiting = above.time if above else None
            if above:
                self._speaker = above.speaker
            self._section = part.title or self._section
            return
        for label, pieces in self._labelled_pieces(part):
            if label:
                self._start(label)
            self._add(pieces)

    def _label_above(self, heading: Boundary) -> Label | None:
        """Return the label without words right above a section's heading: what is below the heading is its text."""
        turn = self._open
        if turn is None or turn.label is None or turn.words or heading.title is None:
            return None
        is_right_above = not self.masked.source[turn.end : heading.chars.start].strip()  # no table, code or link
        return turn.label if is_right_above else None

    def _labelled_pieces(self, block: Block) -> Iterator[tuple[Label | None, list[Chars | TypedTime]]]:
        """Yield each label with the text and the typed times that follow it; what precedes the first label has None."""
        label: Label | None = None
        pieces: list[Chars | TypedTime] = []
        for line, start in zip(block.lines, line_starts(self._text, block, self.grammar.candidates), strict=True):
            at = line.chars.start
            if isinstance(start, TypedTime):
                pieces.append(start)
                continue
            labels = find_labels(self._text, start, self.grammar, indented=line.indented)
            for found in labels:
                yield label, [*pieces, Chars(at, found.start)]
                label, pieces, at = found, [], found.end
            if not line.indented and not (labels and labels[0].starts_line):
                if doubtful := doubtful_label(self._text, start, self.grammar):
                    self.doubtful.append(doubtful.chars)
                if not labels and (time := self._leading_time(start)):
                    pieces.append(time)
                    at = time.chars.end
            pieces.append(Chars(at, line.chars.end))
        yield label, pieces

    def _leading_time(self, line: LineStart) -> TypedTime | None:
        if self.grammar.leading_times and (time := leading_time(self._text, line.chars)):
            return time
        return sure_leading_time(self._text, line.chars) if line.is_first else None

    def _start(self, label: Label) -> None:
        if self._waiting and label.time is None and not self._text[self._waiting.chars.end : label.start].strip(BLANK):
            label = replace(label, time=_before(self._waiting, label, self._text))
        self._waiting = None
        self.close()
        self._has_labels = True
        self._open = _Turn(label, label.speaker, self._section, label.start, label.end)

    def _add(self, pieces: Sequence[Chars | TypedTime]) -> None:
        """Add text to the open turn; a time at its end waits for what follows."""
        written = [piece for piece in pieces if isinstance(piece, TypedTime) or _has_text(self._text, piece)]
        if not written:
            return
        last = written[-1]
        if isinstance(last, TypedTime):
            self._add_text(written[:-1])
            self._waiting = last
        else:
            self._add_text(written)

    def _add_text(self, pieces: Sequence[Chars | TypedTime]) -> None:
        begins_turn = self._open is not None and self._open.is_spoken and not self._has_labels
        words, times = self._tokens(pieces, len(self.utterances) + begins_turn)
        is_spoken = _are_spoken(words)
        if begins_turn and not is_spoken:
            words, times = self._tokens(pieces, len(self.utterances))
        if not words:
            return
        self._waiting = None
        if not self._has_labels and is_spoken:
            self.close()
        lines = [piece for piece in pieces if isinstance(piece, Chars)]
        if self._open is None:
            start = _text_start(self._text, lines[0])
            self._open = _Turn(None, self._speaker, self._section, start, start)
        self._open.is_spoken |= is_spoken
        self._open.words += words
        self._open.times += times
        self._open.end = _text_end(self._text, lines[-1])

    def _tokens(self, pieces: Sequence[Chars | TypedTime], utterance: int) -> tuple[list[WrittenWord], list[TimeToken]]:
        """Return the words of some text, and its times with the one that waits for it."""
        waiting = [self._waiting] if self._waiting else []
        words: list[WrittenWord] = []
        times: list[TimeToken] = []
        text: list[Chars] = []
        for piece in (*waiting, *pieces, None):
            if isinstance(piece, Chars):
                text.append(piece)
                continue
            if text:
                found = tokenize(self.masked, text, self.references, self._language, utterance)
                words += found[0]
                times += found[1]
                text = []
            if piece:
                times.append(TimeToken(piece.clock, piece.at))
        return words, times

    def close(self) -> None:
        """Keep the open turn if it has spoken words, or is a part of one; a label without any words changes nothing."""
        turn = self._open
        if turn is None:
            return
        is_part = turn is self._begun and bool(turn.words or turn.times)
        if turn.is_spoken or is_part:
            self.continues |= is_part
            self._keep(turn)
        if turn.words:
            self._speaker = turn.speaker
        self._open = None

    def _keep(self, turn: _Turn) -> None:
        first, label = len(self.words), turn.label
        claims = list(_claims(turn, first))
        self.words += turn.words
        self.claims += claims
        self.times += [label.time] if label and label.time else []
        self.utterances.append(
            Utterance(
                index=len(self.utterances),
                label=label.chars if label else None,
                speaker=turn.speaker,
                section=turn.section,
                chars=Chars(turn.start, turn.end),
                words=Run(first, len(self.words)),
                time_at=label.chars.start if label else None,
                claim=claims[0] if claims and claims[0].heads else None,
            )
        )


def _claims(turn: _Turn, first: int) -> Iterator[Claim]:
    """Yield the turn's typed times, each for the next word that may be spoken; one without such a word is dropped.

    Args:
        first: the index of the turn's first word.
    """
    time = turn.label.time if turn.label else None
    if time is None and not turn.times:
        return
    speakable = [(word.start, index) for index, word in enumerate(turn.words, first) if word.kind != "editorial"]
    if time:
        yield Claim(time.clock, time.at, speakable[0][1], heads=True)
    for token in turn.times:
        following = bisect_left(speakable, (token.clock.start, 0))
        if following < len(speakable):
            yield Claim(token.clock, token.at, speakable[following][1], heads=False)


def _are_spoken(words: Iterable[WrittenWord]) -> bool:
    return any(word.kind != "editorial" for word in words)


def _before(time: TypedTime, label: Label, text: str) -> TypedTime:
    """Return a time that is typed on a line of its own as the time before a label."""
    chars = Chars(time.chars.start, label.chars.start)
    return TypedTime(
        chars, time.clock, time.digits, "before-label", time.opening, text[time.clock.end : label.chars.start]
    )


def _has_text(text: str, chars: Chars) -> bool:
    return bool(text[chars.start : chars.end].strip(BLANK))


def _text_start(text: str, chars: Chars) -> int:
    """Return where a range begins without the blanks at its start; it is not all blank."""
    return chars.end - len(text[chars.start : chars.end].lstrip(BLANK))


def _text_end(text: str, chars: Chars) -> int:
    """Return where a range ends without the blanks at its end."""
    return chars.start + len(text[chars.start : chars.end].rstrip(BLANK))
