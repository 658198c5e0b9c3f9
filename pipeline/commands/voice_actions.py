"""What ``cuemark voices`` does, one function for each action; each returns what is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.store import size
from pipeline.commands.voice_tables import book_json, book_table, shows_json, shows_table, voice_json, voice_table
from pipeline.console.output import one_line, say
from pipeline.errors import ConfigError, VoiceBookError
from pipeline.files.store import Cleared, Store, default_folder
from pipeline.files.voice_books import Bookshelf, checked_name, read_book, write_book
from pipeline.matching.speakers.embeddings import Floats, unit
from pipeline.matching.speakers.enrolment import SURELY
from pipeline.matching.speakers.outliers import voices_of
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import allowed, excerpt, fits, forgotten, forgotten_as, joined, renamed
from pipeline.matching.speakers.recognition import sounds_like
from pipeline.schema import Diarization, VoiceSample
from pipeline.settings.config import nearest

UNLIKE = 0.6
"""Two names whose voices are less alike than this are two people: one person's are at 0.74 or more in two episodes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was given beside the action."""

    words: tuple[str, ...]
    voices: tuple[str, ...]
    show: str | None
    everybody: bool
    json: bool


# --- looking -----------------------------------------------------------------------------------------------------


def _list(shelf: Bookshelf, wish: Request) -> str:
    if wish.words:
        book = _book(shelf, wish.words[0])
        return book_json(book) if wish.json else book_table(book)
    books = [one for show in shelf.shows() if (one := shelf.read(show)) is not None]
    return shows_json(shelf.folder, books) if wish.json else shows_table(shelf.folder, books)


def _show(shelf: Bookshelf, wish: Request) -> str:
    book = _book(shelf, wish.words[0])
    name = _known(book, wish.words[1])
    return voice_json(book, name) if wish.json else voice_table(book, name)


# --- changing ----------------------------------------------------------------------------------------------------


def _rename(shelf: Bookshelf, wish: Request) -> str:
    book = _book(shelf, wish.words[0])
    old, new = _known(book, wish.words[1]), checked_name(wish.words[2], "voices rename")
    if any(voice.name == new for voice in book.voices):
        raise ConfigError("voices rename", f"there is a {new} already; type: cuemark voices merge SHOW OLD NEW")
    if barred := forgotten_as(book, new):
        raise ConfigError("voices rename", f"{barred} is to stay forgotten; cuemark voices allow lifts that")
    after = shelf.change(book.show, lambda now: renamed(now, old, new))
    return _changed(after, wish, f"{old} is {new} from now on, in labels too\n")


def _merge(shelf: Bookshelf, wish: Request) -> str:
    book = _book(shelf, wish.words[0])
    name, into = (_known(book, word) for word in wish.words[1:])
    if name == into:
        raise ConfigError("voices merge", f"{name} is one voice already")
    sounds = voices_of(book)
    alike = float(unit(sounds[name]) @ unit(sounds[into])) if {name, into} <= sounds.keys() else 1.0
    if alike < UNLIKE:  # nothing tells the two apart again afterwards
        reason = f"{name} and {into} sound too unlike to be one person ({alike:.2f}); forget one of them instead"
        raise ConfigError("voices merge", reason)
    after = shelf.change(book.show, lambda now: renamed(now, name, into))
    return _changed(after, wish, f"{name} is {into} from now on, in labels too\n")


def _forget(shelf: Bookshelf, wish: Request) -> str:
    book = _book(shelf, wish.words[0])
    sounds = voices_of(book)
    if wish.everybody:
        shelf.remove(book.show)
        who, after, again = f"all voices of {book.show}", VoiceBook(book.show), ""
    else:
        who = _known(book, wish.words[1])
        sounds = {who: sounds[who]}
        after = shelf.change(book.show, lambda now: forgotten(now, who))
        again = "; not learned again before: cuemark voices allow"
    cleared = _forget_heard(list(sounds.values()))
    if cleared.stuck:
        say(f"{cleared.stuck} stored sets of samples could not be removed; is the store's folder yours to write?")
    for name, sound in voices_of(after).items():
        if any(float(sound @ own) >= SURELY for own in sounds.values()):
            say(f"{name} sounds the same; if that is the same person: cuemark voices forget SHOW NAME")
    heard = f"{cleared.number} stored sets of samples ({size(cleared.size)}) that may hold them are removed, too"
    return _changed(after, wish, f"forgotten: {who}; {heard}{again}\n")


def _allow(shelf: Bookshelf, wish: Request) -> str:
    book = _book(shelf, wish.words[0])
    if wish.words[1] not in book.forgotten:
        there = ", ".join(book.forgotten) or "nobody"
        raise ConfigError("voices allow", f"{wish.words[1]} is not to stay forgotten; that is: {there}")
    after = shelf.change(book.show, lambda now: allowed(now, wish.words[1]))
    return _changed(after, wish, f"{wish.words[1]} may be learned again\n")


def _export(shelf: Bookshelf, wish: Request) -> str:
    book, path = _book(shelf, wish.words[0]), Path(wish.words[1])
    names = [voice.name for voice in book.voices] if wish.everybody else [_known(book, name) for name in wish.voices]
    if path.exists():
        raise VoiceBookError(path, "is there already; give another name")
    part = excerpt(book, names)
    write_book(path, part)
    say(f"{path}: biometric data of {', '.join(names)}; give it to nobody whom they have not agreed to")
    return _changed(part, wish, f"{path}\n")


def _import(shelf: Bookshelf, wish: Request) -> str:
    path = Path(wish.words[0])
    given = read_book(path)
    show = checked_name(wish.show, "--show") if wish.show else given.show
    before = shelf.read(show)
    if before is not None and given.weights is not None and not fits(before, given.weights):
        raise VoiceBookError(path, f"was learned with other models than the voice book of {show}")
    after = shelf.change(show, lambda now: joined(now, given))
    for voice in given.voices:
        if barred := forgotten_as(after, voice.name):
            say(f"not taken, because {barred} is to stay forgotten: {voice.name}")
    taken = [voice.name for voice in given.voices if forgotten_as(after, voice.name) is None]
    return _changed(after, wish, f"{show}: {', '.join(taken) or 'nobody'} taken from {path}\n")


def _changed(book: VoiceBook, wish: Request, line: str) -> str:
    """What is printed after a change: the book as it is now, for machines, or the line."""
    return book_json(book) if wish.json else line


# --- whom is meant -----------------------------------------------------------------------------------------------


def _book(shelf: Bookshelf, show: str) -> VoiceBook:
    """The voice book of a show that has one."""
    book = shelf.read(checked_name(show, "SHOW"))
    if book is None:
        raise ConfigError("voices", f"there is no voice book of {one_line(show)}{_meant(show, shelf.shows())}")
    return book


def _known(book: VoiceBook, name: str) -> str:
    """A name that is in the book."""
    names = [voice.name for voice in book.voices]
    if name not in names:
        raise ConfigError("voices", f"{book.show} has no voice of {one_line(name)}{_meant(name, names)}")
    return name


def _meant(name: str, known: Sequence[str]) -> str:
    return nearest(name, known) if known else ""


def _forget_heard(sounds: Sequence[Floats]) -> Cleared:
    """Remove from the store what was kept of voices that may be these; it is listened to again when it is needed."""

    def is_theirs(samples: Sequence[VoiceSample]) -> bool:
        return any(sounds_like(samples, sound) for sound in sounds)

    store = Store(default_folder())
    told = store.remove("voices", Diarization, lambda kept: is_theirs(kept.samples))
    again = store.remove("samples", tuple[VoiceSample, ...], is_theirs)
    return Cleared(told.number + again.number, told.size + again.size, told.stuck + again.stuck)


ACTIONS: dict[str, Callable[[Bookshelf, Request], str]] = {
    "list": _list,
    "show": _show,
    "rename": _rename,
    "merge": _merge,
    "forget": _forget,
    "allow": _allow,
    "export": _export,
    "import": _import,
}
"""What is done for each action, by its word on the command line."""
