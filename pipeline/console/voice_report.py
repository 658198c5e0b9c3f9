"""A show's voice book in a command: opened before anybody listens, taught when everything is written.

What is told of it goes to standard error: whom it recognised and how surely, what it learned, and what it doubts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pipeline.console.output import say
from pipeline.errors import VoiceBookError
from pipeline.files.voice_books import Bookshelf, checked_name
from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import fits, forgotten_as, learn
from pipeline.schema import Result, VoiceExamples
from pipeline.times import to_seconds


def open_book(shelf: Bookshelf, show: str) -> VoiceBook:
    """The voice book of a show; an empty one where there is none yet, and a line says so.

    Raises:
        ConfigError: that is no name of a show.
        VoiceBookError: the book cannot be used.
    """
    name = checked_name(show, "--voice-book")
    book = shelf.read(name)
    if book is None:
        others: tuple[str, ...] = ()
        with suppress(VoiceBookError):  # another show's book that cannot be read is not this one's business
            others = tuple(shelf.shows())
        there = f"; there are: {', '.join(others)}" if others else ""
        say(f"voice book {name}: is a new one{there}")
    return book or VoiceBook(name)


def teach_book(shelf: Bookshelf, show: str, examples: VoiceExamples) -> tuple[str, ...]:
    """Let a show's book learn from an episode; returns what it learned, in lines.

    Raises:
        VoiceBookError: the book cannot be used or written; it is as it was.
    """
    after = shelf.change(show, lambda book: learn(book, examples))
    return tuple(f"voice book {show}: {line}" for line in learned_lines(after, examples))


def recognised_line(result: Result) -> str:
    """Whom the voice book has named in an episode, and how alike their voices are to those in it."""
    named = sorted(f"{one.name} ({one.recognised:.2f})" for one in result.speakers if one.recognised is not None)
    return f"recognised: {', '.join(named) or 'nobody whom no label names'}"


def learned_lines(book: VoiceBook, examples: VoiceExamples) -> Iterator[str]:
    """What a book has learned from an episode, of whom it learns nothing, and what of the episode it doubts."""
    if not fits(book, examples.weights):
        return
    barred = {name: known for name in examples.voices if (known := forgotten_as(book, name))}
    taught = [
        f"{voice.name} ({to_seconds(lesson.ms):.0f} s)"
        for voice in book.voices
        for lesson in voice.enrolments
        if lesson.audio == examples.audio
    ]
    yield f"learned: {', '.join(taught) or 'nothing'}"
    for name, known in barred.items():
        yield f"not learned, because {known} is to stay forgotten: {name}"
    for doubt in reject_outliers(book).doubts:
        if doubt.lesson.audio == examples.audio:
            like = f"sounds like {doubt.like}" if doubt.like else "sounds like another person than in other episodes"
            yield f"set aside: {doubt.name} {like} here; is a label wrong, or are there two names for one voice?"
