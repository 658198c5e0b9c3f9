"""What the subcommands of ``cuemark voices`` do, one function each; each returns what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.store import size
from pipeline.console.output import one_line, path_list, print_message
from pipeline.console.voice_tables import book_json, book_table, shows_json, shows_table, voice_json, voice_table
from pipeline.errors import ConfigError, VoiceBookError
from pipeline.files.store import Cleared, Store, default_folder
from pipeline.files.voice_books import VoiceBookFolder, checked_name, default_voice_book_folder, export_book, read_book
from pipeline.matching.speakers.embeddings import Floats, l2_normalize
from pipeline.matching.speakers.enrolment import SAME_SPEAKER_SIMILARITY
from pipeline.matching.speakers.outliers import voice_embeddings
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import (
    allow_voice,
    forget_voice,
    forgotten_name,
    merge_books,
    rename_voice,
    select_voices,
    weights_match,
)
from pipeline.matching.speakers.recognition import may_contain_voice
from pipeline.schema import Diarization, VoiceSample
from pipeline.settings.config import nearest_hint

LEAST_SIMILARITY = 0.6
"""Two names whose voices have a lower cosine similarity are two people: one person has 0.74 or more in two episodes."""


# --- looking -----------------------------------------------------------------------------------------------------


def list_shows(*, json: bool) -> str:
    """List all shows that have a voice book."""
    voice_books = _voice_books()
    books = [one for show in voice_books.shows() if (one := voice_books.read(show)) is not None]
    return shows_json(voice_books.folder, books) if json else shows_table(voice_books.folder, books)


def list_people(show: str, *, json: bool) -> str:
    """List the people of a show."""
    book = _book(show)
    return book_json(book) if json else book_table(book)


def show_person(show: str, name: str, *, json: bool) -> str:
    """Show how one person was learned."""
    book = _book(show)
    known = _known(book, name)
    return voice_json(book, known) if json else voice_table(book, known)


# --- changing ----------------------------------------------------------------------------------------------------


def rename(show: str, old: str, new: str, *, json: bool) -> str:
    """Give a person another name."""
    book = _book(show)
    before, after = _known(book, old), checked_name(new, "voices rename")
    if any(voice.name == after for voice in book.voices):
        raise ConfigError("voices rename", f"there is a {after} already; type: cuemark voices merge SHOW OLD NEW")
    if forgotten := forgotten_name(book, after):
        raise ConfigError(
            "voices rename", f"{forgotten} was forgotten and is not learned again; cuemark voices allow changes that"
        )
    changed = _voice_books().change(book.show, lambda now: rename_voice(now, before, after))
    return _changed(changed, f"{before} is {after} from now on, in labels too\n", json=json)


def merge(show: str, name: str, into: str, *, json: bool) -> str:
    """Make one person of two names.

    Raises:
        ConfigError: they are one name already, or their voices are too different.
    """
    book = _book(show)
    one, other = _known(book, name), _known(book, into)
    if one == other:
        raise ConfigError("voices merge", f"{one} is one voice already")
    voices = voice_embeddings(book)
    similarity = (
        float(l2_normalize(voices[one]) @ l2_normalize(voices[other])) if {one, other} <= voices.keys() else 1.0
    )
    if similarity < LEAST_SIMILARITY:  # a merge cannot be undone
        reason = f"the voices of {one} and {other} differ too much for one person ({similarity:.2f})"
        raise ConfigError("voices merge", f"{reason}; forget one of them instead")
    changed = _voice_books().change(book.show, lambda now: rename_voice(now, one, other))
    return _changed(changed, f"{one} is {other} from now on, in labels too\n", json=json)


def forget(show: str, name: str | None, *, json: bool) -> str:
    """Remove a person, or everybody if ``name`` is None, from the book and from the store."""
    book, voice_books = _book(show), _voice_books()
    voices = voice_embeddings(book)
    if name is None:
        voice_books.remove(book.show)
        who, after, again = f"all voices of {book.show}", VoiceBook(book.show), ""
    else:
        who = _known(book, name)
        voices = {who: voices[who]}
        after = voice_books.change(book.show, lambda now: forget_voice(now, who))
        again = "; not learned again before: cuemark voices allow"
    cleared = _remove_stored(list(voices.values()))
    if cleared.stuck:
        print_message(
            f"{cleared.stuck} stored sets of samples could not be removed; is the store's folder yours to write?"
        )
    for other, voice in voice_embeddings(after).items():
        if any(float(voice @ own) >= SAME_SPEAKER_SIMILARITY for own in voices.values()):
            print_message(f"{other} sounds the same; if that is the same person: cuemark voices forget SHOW NAME")
    stored = f"{cleared.number} stored sets of samples ({size(cleared.size)}) that may hold them are removed, too"
    return _changed(after, f"forgotten: {who}; {stored}{again}\n", json=json)


def allow(show: str, name: str, *, json: bool) -> str:
    """Let a forgotten person be learned again."""
    book = _book(show)
    if name not in book.forgotten:
        there = ", ".join(book.forgotten) or "none"
        raise ConfigError("voices allow", f"{name} was not forgotten; forgotten names: {there}")
    changed = _voice_books().change(book.show, lambda now: allow_voice(now, name))
    return _changed(changed, f"{name} may be learned again\n", json=json)


def export(show: str, path: Path, names: Sequence[str], *, json: bool) -> str:
    """Write some people, or everybody if no name is given, into a file."""
    book = _book(show)
    chosen = [_known(book, name) for name in names] or [voice.name for voice in book.voices]
    part = select_voices(book, chosen)
    export_book(path, part)
    print_message(f"{path}: biometric data of {', '.join(chosen)}; share it only as these people have agreed")
    return _changed(part, path_list([path]), json=json)


def take(path: Path, show: str | None, *, json: bool) -> str:
    """Take the voices of a file into the book of ``show``, or of the show that the file names."""
    given, voice_books = read_book(path), _voice_books()
    name = checked_name(show, "--show") if show else given.show
    before = voice_books.read(name)
    if before is not None and given.weights is not None and not weights_match(before, given.weights):
        raise VoiceBookError(path, f"was learned with other models than the voice book of {name}")
    after = voice_books.change(name, lambda now: merge_books(now, given))
    for voice in given.voices:
        if forgotten := forgotten_name(after, voice.name):
            print_message(f"not imported, because {forgotten} was forgotten: {voice.name}")
    taken = [voice.name for voice in given.voices if forgotten_name(after, voice.name) is None]
    return _changed(after, f"{name}: {', '.join(taken) or 'none'} imported from {path}\n", json=json)


def _changed(book: VoiceBook, line: str, *, json: bool) -> str:
    """Return the output after a change: the new book as JSON, or the line."""
    return book_json(book) if json else line


# --- names -------------------------------------------------------------------------------------------------------


def _voice_books() -> VoiceBookFolder:
    return VoiceBookFolder(default_voice_book_folder())


def _book(show: str) -> VoiceBook:
    """Return the voice book of a show.

    Raises:
        ConfigError: the show has none.
    """
    book = _voice_books().read(checked_name(show, "SHOW"))
    if book is None:
        raise ConfigError(
            "voices", f"there is no voice book of {one_line(show)}{_nearest(show, _voice_books().shows())}"
        )
    return book


def _known(book: VoiceBook, name: str) -> str:
    """Return the name if the book has it.

    Raises:
        ConfigError: it has not.
    """
    names = [voice.name for voice in book.voices]
    if name not in names:
        raise ConfigError("voices", f"{book.show} has no voice of {one_line(name)}{_nearest(name, names)}")
    return name


def _nearest(name: str, known: Sequence[str]) -> str:
    return nearest_hint(name, known) if known else ""


def _remove_stored(voices: Sequence[Floats]) -> Cleared:
    """Remove from the store what may hold these voices; it is computed again when it is needed."""

    def is_theirs(samples: Sequence[VoiceSample]) -> bool:
        return any(may_contain_voice(samples, voice) for voice in voices)

    store = Store(default_folder())
    diarizations = store.remove("voices", Diarization, lambda stored: is_theirs(stored.samples))
    samples = store.remove("samples", tuple[VoiceSample, ...], is_theirs)
    return Cleared(
        diarizations.number + samples.number, diarizations.size + samples.size, diarizations.stuck + samples.stuck
    )
