"""The voice book in a command: opened before any listening, updated after everything is written.

Messages go to standard error: who was recognised with what similarity, what was learned, and what is doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pipeline.console.output import print_message
from pipeline.errors import VoiceBookError
from pipeline.files.voice_books import VoiceBookFolder, checked_name
from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import forgotten_name, learn_episode, weights_match
from pipeline.schema import Result, VoiceExamples
from pipeline.times import to_seconds


def open_book(voice_books: VoiceBookFolder, show: str) -> VoiceBook:
    """Open the voice book of a show; an empty one, with a message, if there is none yet.

    Raises:
        ConfigError: the name is not valid.
        VoiceBookError: the book cannot be used.
    """
    name = checked_name(show, "--voice-book")
    book = voice_books.read(name)
    if book is None:
        others: tuple[str, ...] = ()
        with suppress(VoiceBookError):  # another show's damaged book does not matter here
            others = tuple(voice_books.shows())
        there = f"; there are: {', '.join(others)}" if others else ""
        print_message(f"voice book {name}: is a new one{there}")
    return book or VoiceBook(name)


def teach_book(voice_books: VoiceBookFolder, show: str, examples: VoiceExamples) -> tuple[str, ...]:
    """Add an episode's examples to a show's book; returns lines that say what was learned.

    Raises:
        VoiceBookError: the book cannot be used or written; it stays as it was.
    """
    after = voice_books.change(show, lambda book: learn_episode(book, examples))
    return tuple(f"voice book {show}: {line}" for line in learned_lines(after, examples))


def recognised_line(result: Result) -> str:
    """Return who was named by the voice book, with the cosine similarity of the voices."""
    named = sorted(f"{one.name} ({one.recognised:.2f})" for one in result.speakers if one.recognised is not None)
    return f"recognised: {', '.join(named) or 'nobody without a label'}"


def learned_lines(book: VoiceBook, examples: VoiceExamples) -> Iterator[str]:
    """Yield what a book has learned from an episode, who is excluded, and which examples are doubtful."""
    if not weights_match(book, examples.weights):
        return
    forgotten = {name: known for name in examples.voices if (known := forgotten_name(book, name))}
    taught = [
        f"{voice.name} ({to_seconds(enrolment.ms):.0f} s)"
        for voice in book.voices
        for enrolment in voice.enrolments
        if enrolment.audio == examples.audio
    ]
    yield f"learned: {', '.join(taught) or 'nothing'}"
    for name, known in forgotten.items():
        yield f"not learned, because {known} was forgotten: {name}"
    for doubt in reject_outliers(book).outliers:
        if doubt.enrolment.audio == examples.audio:
            like = (
                f"sounds like {doubt.sounds_like}"
                if doubt.sounds_like
                else "sounds like another person than in other episodes"
            )
            yield f"set aside: {doubt.name} {like} here; is a label wrong, or are there two names for one voice?"
