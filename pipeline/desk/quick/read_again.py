"""Read only the passage of a transcript that an edit changed, and put it in the place of the old one.

A passage begins and ends at paragraphs outside of the edit, one further than the edit needs, because a blank line that
was removed joins two of them. What is hidden or framed across the passage's ends (a comment that is opened in it and
closed far below) is seen when the whole text is read again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_struct

from pipeline.reading.markup.whitespace import line_start, split_lines
from pipeline.reading.transcript import Before, FileReading, Passage, parse_passage
from pipeline.schema import Chars, Claim, Note, Run, Section, Transcript, Utterance, WrittenWord

_CONTEXT_PARAGRAPHS = 2
"""The paragraphs up to which a passage extends on either side: that of the edit, and one that may be joined to it."""


@dataclass(frozen=True, slots=True)
class Reread:
    """A transcript after an edit.

    Attributes:
        transcript: the whole new one.
        old: the words of the old transcript that are not the same objects or only moved.
        new: the words in their place.
    """

    transcript: Transcript
    old: Run
    new: Run


def read_again(old: Transcript, source: str, changed: Chars, reading: FileReading) -> Reread:
    """Read a transcript again after an edit.

    Args:
        old: the transcript before.
        source: the text afterwards.
        changed: the range of the old source that was replaced.
        reading: of the file, when it was last read as a whole.
    """
    shift = len(source) - len(old.source)
    start, end = _start(old, changed.start), _end(old, changed.end)
    first, last = _word_at(old, start), _word_at(old, end)
    passage = parse_passage(source[start : end + shift], reading, _before(old, start, first))
    splice = _Splice(old, source, passage, Chars(start, end), Run(first, last))
    return Reread(splice.transcript(), Run(first, last), Run(first, first + len(passage.transcript.words)))


def _word_at(transcript: Transcript, at: int) -> int:
    """Return the index of the first word that begins at a place or after it."""
    return bisect_left(transcript.words, at, key=lambda word: word.chars.start)


def _start(old: Transcript, at: int) -> int:
    k = bisect_left(old.words, at, key=lambda word: word.chars.end)
    found = (place for j in range(min(k, len(old.words) - 1), 0, -1) if (place := _paragraph(old, j)) is not None)
    before = [place for place, _ in zip((one for one in found if one < at), range(_CONTEXT_PARAGRAPHS), strict=False)]
    return before[-1] if len(before) == _CONTEXT_PARAGRAPHS else 0


def _end(old: Transcript, at: int) -> int:
    k = bisect_right(old.words, at, key=lambda word: word.chars.start)
    found = (place for j in range(max(1, k), len(old.words)) if (place := _paragraph(old, j)) is not None)
    after = [place for place, _ in zip((one for one in found if one > at), range(_CONTEXT_PARAGRAPHS), strict=False)]
    return after[-1] if len(after) == _CONTEXT_PARAGRAPHS else len(old.source)


def _paragraph(transcript: Transcript, k: int) -> int | None:
    """Return where the line of a word begins if the word is the first of an utterance or paragraph; else None."""
    word, before = transcript.words[k], transcript.words[k - 1]
    begins = word.utterance != before.utterance
    if not begins and word.chars.start - before.chars.end < 2:  # no room for a blank line
        return None
    at = transcript.utterances[word.utterance].chars.start if begins else word.chars.start
    line = line_start(transcript.source, at)
    if line < before.chars.end or (not begins and len(split_lines(transcript.source[before.chars.end : line])) < 3):
        return None
    return line


def _before(old: Transcript, start: int, first: int) -> Before | None:
    if start == 0:
        return None
    last = old.utterances[old.words[first - 1].utterance]
    following = old.utterances[old.words[first].utterance]
    speaker = last.speaker if following.label else following.speaker  # that of a label above a heading, for one
    has_labels = speaker is not None or any(one.label is not None for one in old.utterances[: last.index + 1])
    return Before(speaker, following.section, has_labels, is_open=following is last and has_labels)


class _Splice:
    """Joins what precedes a passage, the passage, and what follows it."""

    def __init__(self, old: Transcript, source: str, passage: Passage, chars: Chars, words: Run) -> None:
        self._old, self._source, self._passage = old, source, passage
        self._new = passage.transcript
        self._chars, self._words = chars, words
        self._shift = len(source) - len(old.source)
        self._added = len(self._new.words) - len(words)
        # utterances with words before the passage, and the first one with words after it
        self._head = old.words[words.start - 1].utterance + 1 if words.start else 0
        self._tail = old.words[words.end].utterance if words.end < len(old.words) else len(old.utterances)

    def transcript(self) -> Transcript:
        head, local, tail = self._head_utterances(), self._local_utterances(), self._tail_utterances()
        utterances = [*head]
        moved = len(head) - (self._passage.continues and bool(head))  # what the passage's utterances are moved by
        for part in (local, tail):
            joins = self._passage.continues if part is local else self._is_cut_behind() and self._passage.is_open
            for one in part:
                if joins and utterances:
                    utterances[-1] = _joined(utterances[-1], one)
                else:
                    utterances.append(replace_struct(one, index=len(utterances)))
                joins = False
        tail_moved = len(utterances) - len(self._old.utterances)
        words = (
            *self._old.words[: self._words.start],
            *(_moved(word, self._chars.start, moved) for word in self._new.words),
            *self._tail_words(tail_moved),
        )
        starts_file = self._chars.start == 0
        return Transcript(
            source=self._source,
            title=self._new.title if starts_file else self._old.title,
            panel=self._new.panel if starts_file else self._old.panel,
            sections=tuple(self._sections([one.chars.start for one in utterances])),
            utterances=tuple(utterances),
            words=words,
            claims=tuple(self._claims()),
            notes=tuple(self._notes()),
            notation=self._old.notation,
            doubtful=tuple(self._doubtful()),
        )

    # --- utterances ------------------------------------------------------------------------------------------------

    def _is_cut_behind(self) -> bool:
        """Whether the passage ends inside of an utterance of the old transcript."""
        last = self._words.end
        return 0 < last < len(self._old.words) and self._old.words[last - 1].utterance == self._tail

    def _head_utterances(self) -> list[Utterance]:
        head = list(self._old.utterances[: self._head])
        if head and head[-1].words.end > self._words.start:
            last, end = head[-1], self._old.words[self._words.start - 1].chars.end
            head[-1] = replace_struct(
                last, chars=Chars(last.chars.start, end), words=Run(last.words.start, self._words.start)
            )
        return head

    def _local_utterances(self) -> list[Utterance]:
        by, words = self._chars.start, self._words.start
        return [_moved_utterance(one, by, words) for one in self._new.utterances]

    def _tail_utterances(self) -> list[Utterance]:
        tail = list(self._old.utterances[self._tail :])
        if tail and self._is_cut_behind():
            first, end = self._words.end, tail[0].words.end
            rest = replace_struct(
                tail[0], chars=Chars(self._old.words[first].chars.start, tail[0].chars.end), label=None
            )
            tail[0] = replace_struct(rest, words=Run(first, end), time_at=None, claim=None)
        return [_moved_utterance(one, self._shift, self._added) for one in tail]

    def _tail_words(self, moved: int) -> Sequence[WrittenWord]:
        tail = self._old.words[self._words.end :]
        if not self._shift and not moved:
            return tail
        return [_moved(word, self._shift, moved) for word in tail]

    # --- what stands between ---------------------------------------------------------------------------------------

    def _claims(self) -> Iterator[Claim]:
        words = len(self._old.words) + self._added
        yield from (one for one in self._old.claims if one.chars.end <= self._chars.start and one.word < words)
        yield from (_moved_claim(one, self._chars.start, self._words.start) for one in self._new.claims)
        yield from (
            _moved_claim(one, self._shift, self._added) for one in self._old.claims if one.word >= self._words.end
        )

    def _notes(self) -> Iterator[Note]:
        yield from (one for one in self._old.notes if one.chars.end <= self._chars.start)
        end = self._new.words[-1].chars.end if self._new.words else 0
        is_last = self._chars.end == len(self._old.source)
        for one in self._new.notes:
            if is_last or one.form != "heading" or one.chars.start < end:  # else speech follows the heading
                yield _moved_note(one, self._chars.start)
        yield from (_moved_note(one, self._shift) for one in self._old.notes if one.chars.start >= self._chars.end)

    def _doubtful(self) -> Iterator[Chars]:
        yield from (one for one in self._old.doubtful if one.end <= self._chars.start)
        yield from (_moved_chars(one, self._chars.start) for one in self._new.doubtful)
        yield from (_moved_chars(one, self._shift) for one in self._old.doubtful if one.start >= self._chars.end)

    def _sections(self, starts: Sequence[int]) -> Iterator[Section]:
        sections = (
            *(one for one in self._old.sections if one.chars.end <= self._chars.start),
            *(replace(one, chars=_moved_chars(one.chars, self._chars.start)) for one in self._new.sections),
            *(
                replace(one, chars=_moved_chars(one.chars, self._shift))
                for one in self._old.sections
                if one.chars.start >= self._chars.end
            ),
        )
        return (replace(one, utterance=bisect_left(starts, one.chars.start)) for one in sections)


def _moved_chars(chars: Chars, by: int) -> Chars:
    return Chars(chars.start + by, chars.end + by)


def _moved(word: WrittenWord, by: int, utterances: int) -> WrittenWord:
    return WrittenWord(word.text, word.shown, word.keys, word.start + by, word.utterance + utterances, word.kind)


def _moved_note(note: Note, by: int) -> Note:
    return replace(note, chars=_moved_chars(note.chars, by), clock=_moved_chars(note.clock, by))


def _moved_claim(claim: Claim, by: int, words: int) -> Claim:
    return Claim(_moved_chars(claim.chars, by), claim.at, claim.word + words, claim.heads)


def _moved_utterance(one: Utterance, by: int, words: int) -> Utterance:
    return Utterance(
        index=one.index,
        label=_moved_chars(one.label, by) if one.label else None,
        speaker=one.speaker,
        section=one.section,
        chars=_moved_chars(one.chars, by),
        words=Run(one.words.start + words, one.words.end + words),
        time_at=None if one.time_at is None else one.time_at + by,
        claim=_moved_claim(one.claim, by, words) if one.claim else None,
    )


def _joined(one: Utterance, rest: Utterance) -> Utterance:
    chars = Chars(one.chars.start, max(one.chars.end, rest.chars.end))
    return replace_struct(one, chars=chars, words=Run(one.words.start, rest.words.end))
