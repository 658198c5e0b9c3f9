"""Read a human's Markdown transcript as utterances, words, typed times and notes, each with its place in the source.

``source ─ hidden_text ─▶ masked text ─ blocks ─▶ paragraphs ─ outline ─▶ speech ─ labels ─▶ turns ─ tokens ─▶ words``

The source is not changed, and any text is accepted; one without speech is a transcript without utterances. Lines and
inline markup are scanned by code of our own, since edits need offsets and Markdown renderers give none. It takes time
linear in the length of the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.reading.labels.forms import KnownSpeakers, Label, find_known_speakers, find_labels
from pipeline.reading.markup.hidden_text import BLANK, MaskedSource, mask_hidden_text
from pipeline.reading.markup.notation import TypedTime, notation_of
from pipeline.reading.structure.blocks import Block, reference_names, split_blocks
from pipeline.reading.structure.outline import Boundary, Outline, read_outline
from pipeline.reading.words.written_words import TimeToken, WordToken, tokenize
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
    masked = mask_hidden_text(source)
    blocks = split_blocks(masked.text)
    outline = read_outline(masked, blocks)
    lines = [line.chars for part in outline.flow if isinstance(part, Block) for line in part.lines if not line.indented]
    known = find_known_speakers(masked.text, lines, tuple(outline.panel))
    reader = _TurnReader(masked.text, known, reference_names(masked.text, blocks), language)
    for part in outline.flow:
        reader.read(part)
    return _transcript(masked, outline, reader.turns())


@dataclass(slots=True)
class _Turn:
    """One utterance while its text is collected."""

    label: Label | None
    speaker: str | None
    section: str | None
    start: int
    end: int
    tokens: list[WordToken | TimeToken] = field(default_factory=list)

    @property
    def is_spoken(self) -> bool:
        return _is_spoken(self.tokens)


class _TurnReader:
    """Collects paragraphs, labels and boundaries into turns.

    Before the first label each paragraph is a turn. After it, text without a label continues the current turn; after a
    boundary it starts a new turn of the same speaker.
    """

    def __init__(self, text: str, known: KnownSpeakers, references: frozenset[str], language: str) -> None:
        self._text = text
        self._known = known
        self._references = references
        self._language = language
        self._turns: list[_Turn] = []
        self._open: _Turn | None = None
        self._speaker: str | None = None
        self._section: str | None = None
        self._has_labels = False

    def turns(self) -> list[_Turn]:
        self._close()
        return self._turns

    def read(self, part: Block | Boundary) -> None:
        if isinstance(part, Boundary):
            self._close()
            self._section = part.title or self._section
            return
        for label, pieces in self._labelled_pieces(part):
            if label:
                self._start(label)
            self._add(pieces)

    def _labelled_pieces(self, block: Block) -> Iterator[tuple[Label | None, list[Chars]]]:
        """Yield each label with the text that follows it; the text before the first label has None."""
        label, pieces = None, list[Chars]()
        for line in block.lines:
            at = line.chars.start
            for found in find_labels(self._text, line.chars, self._known, indented=line.indented):
                yield label, [*pieces, Chars(at, found.start)]
                label, pieces, at = found, [], found.end
            pieces.append(Chars(at, line.chars.end))
        yield label, pieces

    def _start(self, label: Label) -> None:
        self._close()
        self._has_labels = True
        self._open = _Turn(label, label.speaker, self._section, label.start, label.end)

    def _add(self, pieces: Sequence[Chars]) -> None:
        tokens = list(tokenize(self._text, pieces, self._references, self._language))
        if not tokens:
            return
        if not self._has_labels and _is_spoken(tokens):
            self._close()
        lines = [line for piece in pieces if (line := _trimmed(self._text, piece))]
        if self._open is None:
            self._open = _Turn(None, self._speaker, self._section, lines[0].start, lines[0].start)
        self._open.tokens += tokens
        self._open.end = lines[-1].end

    def _close(self) -> None:
        """Keep the open turn if it has spoken words; a label without words changes nothing."""
        if self._open and self._open.is_spoken:
            self._turns.append(self._open)
            self._speaker = self._open.speaker
        self._open = None


def _is_spoken(tokens: Sequence[WordToken | TimeToken]) -> bool:
    return any(isinstance(token, WordToken) and token.kind != "editorial" for token in tokens)


def _trimmed(text: str, chars: Chars) -> Chars | None:
    """Return the range without blanks at its ends, or None if it is all blank."""
    piece = text[chars.start : chars.end]
    start = chars.start + len(piece) - len(piece.lstrip(BLANK))
    return Chars(start, start + len(piece.strip(BLANK))) if piece.strip(BLANK) else None


# --- turns to utterances -----------------------------------------------------------------------------------------


def _transcript(masked: MaskedSource, outline: Outline, turns: Sequence[_Turn]) -> Transcript:
    words: list[WrittenWord] = []
    claims: list[Claim] = []
    utterances: list[Utterance] = []
    for index, turn in enumerate(turns):
        first = len(words)
        words += _words(masked.source, turn, index)
        turn_claims = tuple(_claims(turn, words, first))
        claims += turn_claims
        utterances.append(_utterance(turn, index, Run(first, len(words)), turn_claims))
    starts = [turn.start for turn in turns]
    return Transcript(
        source=masked.source,
        title=outline.title,
        panel=tuple(outline.panel),
        sections=tuple(
            Section(part.title, part.chars, bisect_left(starts, part.chars.start))
            for part in outline.flow
            if isinstance(part, Boundary) and part.title is not None
        ),
        utterances=tuple(utterances),
        words=tuple(words),
        claims=tuple(claims),
        notes=tuple(outline.notes),
        notation=notation_of(_times(turns)),
    )


def _words(source: str, turn: _Turn, index: int) -> Iterator[WrittenWord]:
    for token in turn.tokens:
        if isinstance(token, WordToken):
            text = source[token.chars.start : token.chars.end]
            yield WrittenWord(text, token.shown, token.keys, token.chars, index, token.kind)


def _claims(turn: _Turn, words: Sequence[WrittenWord], first: int) -> Iterator[Claim]:
    """Yield the turn's typed times, each for the next word that may be spoken; one without such a word is dropped."""
    speakable = [i for i in range(first, len(words)) if words[i].kind != "editorial"]
    if turn.label and turn.label.time:
        yield Claim(turn.label.time.clock, turn.label.time.at, speakable[0], heads=True)
    starts = [words[i].chars.start for i in speakable]
    for token in turn.tokens:
        if isinstance(token, TimeToken) and token.clock.start < starts[-1]:
            yield Claim(token.clock, token.at, speakable[bisect_left(starts, token.clock.start)], heads=False)


def _utterance(turn: _Turn, index: int, words: Run, claims: Sequence[Claim]) -> Utterance:
    return Utterance(
        index=index,
        label=turn.label.chars if turn.label else None,
        speaker=turn.speaker,
        section=turn.section,
        chars=Chars(turn.start, turn.end),
        words=words,
        time_at=turn.label.chars.start if turn.label else None,
        claim=next((claim for claim in claims if claim.heads), None),
    )


def _times(turns: Sequence[_Turn]) -> Iterator[TypedTime]:
    return (turn.label.time for turn in turns if turn.label and turn.label.time)
