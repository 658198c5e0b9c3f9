"""Voice books on disk: in a folder of the user's own, private, whole or absent, and never mixed up."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace as replace_struct

from pipeline.errors import ConfigError, VoiceBookError
from pipeline.files.voice_books import VoiceBookFolder, checked_name, default_voice_book_folder, export_book, read_book
from pipeline.io.atomic import sha256_of
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from pipeline.schema import VoiceExample
from tests.matching.made_profiles import book, taught_examples

GARDEN = book("Ann Bob", "Ann")


@pytest.fixture
def voice_books(tmp_path: Path) -> VoiceBookFolder:
    """Return a voice book folder that does not exist yet."""
    return VoiceBookFolder(tmp_path / "data" / "voices")


def mode(path: Path) -> int:
    """Return the permissions of a file or a folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_book_comes_back_as_it_was(voice_books: VoiceBookFolder) -> None:
    """A written book is read as it was, and nothing is read before."""
    assert (voice_books.read("Garden"), voice_books.shows()) == (None, ())
    assert voice_books.change("Garden", lambda _: GARDEN) == GARDEN
    assert (voice_books.read("Garden"), voice_books.shows()) == (GARDEN, ("Garden",))


def test_a_folder_that_was_there_keeps_its_mode(voice_books: VoiceBookFolder) -> None:
    """An existing folder stays open to others; the book in it is private."""
    voice_books.folder.mkdir(parents=True)
    voice_books.folder.chmod(0o775)
    voice_books.change("Garden", lambda _: GARDEN)

    assert (mode(voice_books.folder), mode(voice_books.path("Garden"))) == (0o775, 0o600)


def test_books_are_private(voice_books: VoiceBookFolder) -> None:
    """A new folder and each book belong to the owner only, whatever the umask."""
    before = os.umask(0)
    try:
        voice_books.change("Garden", lambda _: GARDEN)
        voice_books.path("Garden").chmod(0o644)
        voice_books.change("Garden", lambda now: learn_episode(now, taught_examples("3", "Ann")))
    finally:
        os.umask(before)

    assert (mode(voice_books.folder), mode(voice_books.path("Garden"))) == (0o700, 0o600)


@pytest.mark.parametrize(
    "names",
    [("Garden", "garden"), ("Über", "Uber"), ("a/b", "a b"), ("日本", "中国"), ("x" * 150 + "1", "x" * 150 + "2")],
)
def test_shows_with_names_that_are_alike_do_not_mix(voice_books: VoiceBookFolder, names: tuple[str, str]) -> None:
    """Shows with similar names have different files, even on a disk that ignores case."""
    for name in names:
        voice_books.change(name, lambda now: replace(GARDEN, show=now.show))

    assert voice_books.path(names[0]).name.casefold() != voice_books.path(names[1]).name.casefold()
    assert voice_books.shows() == tuple(sorted(names))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/x", "..", "C:\\x", "nul", ".hidden", "日本"])
def test_no_name_leads_out_of_the_folder(voice_books: VoiceBookFolder, name: str) -> None:
    """Every show's book is in the folder itself, whatever its name looks like."""
    path = voice_books.path(name)

    assert path.parent == voice_books.folder
    assert path.name.isascii()
    assert set(path.stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31m", "a\u202eb", "x" * 201])
def test_an_invalid_name_is_refused(name: str) -> None:
    """A name without letters, too long, or with control characters is refused."""
    with pytest.raises(ConfigError, match="--voice-book: give it a name of 1 to 200 plain letters"):
        checked_name(name, "--voice-book")


def test_names_have_one_unicode_form() -> None:
    """Both ways to write an accent give the same name."""
    assert checked_name(" Cafe\u0301 ", "SHOW") == "Caf\xe9"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[:-1], "is damaged and left as it is"),
        (lambda content: content[:100], "is damaged and left as it is"),
        (lambda content: content.replace(b"Ann", b"Eve", 1), "is damaged and left as it is"),
        (lambda content: content.replace(b"voices/1", b"voices/2", 1), "was written by a newer cuemark"),
        (lambda _: b"# My thesis\n", "is no voice book"),
        (lambda _: b"", "is no voice book"),
    ],
    ids=["a byte less", "cut", "a name changed", "newer", "another file", "empty"],
)
def test_an_unreadable_book_is_never_overwritten(voice_books: VoiceBookFolder, damage: object, reason: str) -> None:
    """An error in one line says what is wrong with a book, which stays as it is to the byte."""
    assert callable(damage)
    voice_books.change("Garden", lambda _: GARDEN)
    path = voice_books.path("Garden")
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    for act in (
        lambda: voice_books.read("Garden"),
        lambda: voice_books.change("Garden", lambda now: now),
        voice_books.shows,
    ):
        with pytest.raises(VoiceBookError, match=reason) as caught:
            act()
        assert "\n" not in str(caught.value)

    assert path.read_bytes() == before


def test_a_book_under_another_shows_name_is_refused(voice_books: VoiceBookFolder) -> None:
    """A renamed file is not read as another show's book."""
    voice_books.change("Garden", lambda _: GARDEN)
    voice_books.path("Garden").rename(voice_books.path("Kitchen"))

    with pytest.raises(VoiceBookError, match="is the voice book of Garden"):
        voice_books.read("Kitchen")


def forged(path: Path, of: object) -> Path:
    """Write a file with a right hash and any content."""
    payload = msgspec.msgpack.encode(of)
    path.write_bytes(b"cuemark-voices/1\n%s\n%s" % (sha256_of(payload).encode(), payload))
    return path


ENROLMENT = GARDEN.voices[0].enrolments[0]
EXAMPLE = ENROLMENT.examples[0]


def with_example(example: VoiceExample) -> VoiceBook:
    """Return the book with this as the only example of its first voice."""
    return replace(
        GARDEN, voices=(replace_struct(GARDEN.voices[0], enrolments=(replace(ENROLMENT, examples=(example,)),)),)
    )


@pytest.mark.parametrize(
    "stranger",
    [
        {"show": "Garden", "voices": "all"},
        replace(GARDEN, show="a\x1b[31mb"),
        replace(GARDEN, forgotten=("",)),
        replace(GARDEN, weights=None),
        replace(GARDEN, voices=()),
        replace(GARDEN, voices=(replace_struct(GARDEN.voices[0], name="Ann\nLee"),)),
        with_example(replace_struct(EXAMPLE, embedding=b"123")),
        with_example(replace_struct(EXAMPLE, ms=0)),
    ],
    ids=["other types", "control", "no name", "no weights", "no voices", "line break", "no vector", "no length"],
)
def test_a_book_with_impossible_values_is_refused(tmp_path: Path, stranger: object) -> None:
    """A file with a right hash and values that cuemark never writes is refused."""
    with pytest.raises(VoiceBookError, match="is no voice book that cuemark has written"):
        read_book(forged(tmp_path / "stranger.voices", stranger))


def test_a_book_that_is_nested_deeply_is_refused(tmp_path: Path) -> None:
    """A file with a right hash whose values are nested a hundred thousand times is refused in the same line."""
    payload = b"\x91" * 100_000
    (tmp_path / "stranger.voices").write_bytes(b"cuemark-voices/1\n%s\n%s" % (sha256_of(payload).encode(), payload))

    with pytest.raises(VoiceBookError, match="is no voice book that cuemark has written"):
        read_book(tmp_path / "stranger.voices")


def test_concurrent_changes_are_all_kept(voice_books: VoiceBookFolder) -> None:
    """Many changes of one book at the same time are all kept."""
    episodes = [taught_examples(str(k), {f"Guest {k}": f"Guest{k}"}) for k in range(12)]

    def learn(number: int) -> VoiceBook:
        return VoiceBookFolder(voice_books.folder).change("Garden", lambda now: learn_episode(now, episodes[number]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(learn, range(12)))

    assert len((voice_books.read("Garden") or VoiceBook("")).voices) == 12


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """If the folder is a file, the error says so in one line."""
    (tmp_path / "voices").write_text("a file")
    voice_books = VoiceBookFolder(tmp_path / "voices")

    with pytest.raises(VoiceBookError, match="cannot be written"):
        voice_books.change("Garden", lambda _: GARDEN)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A missing file to read and a missing folder to write to are each an error."""
    with pytest.raises(VoiceBookError, match="cannot be read"):
        read_book(tmp_path / "none.voices")
    with pytest.raises(VoiceBookError, match="cannot be written"):
        export_book(tmp_path / "none" / "x.voices", GARDEN)


def test_the_default_folder_is_the_users_own(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The books are in the folder of ``CUEMARK_VOICES``, else with the user's data."""
    assert default_voice_book_folder() == own_home / "voices"
    monkeypatch.delenv("CUEMARK_VOICES")
    monkeypatch.setenv("XDG_DATA_HOME", str(own_home / "own"))

    assert default_voice_book_folder().name == "voices"
    assert own_home in default_voice_book_folder().parents


@pytest.mark.parametrize("end", [".voices", ".lock"])
@pytest.mark.parametrize("target", ["private", "not there yet"])
def test_planted_link_is_not_followed(voice_books: VoiceBookFolder, tmp_path: Path, end: str, target: str) -> None:
    """Writes no book, and locks nothing, through a link that leads out of the folder of the books."""
    voice_books.folder.mkdir(parents=True)
    (tmp_path / "private").write_bytes(b"")
    voice_books.path("Garden").with_suffix(end).symlink_to(tmp_path / target)
    with pytest.raises(VoiceBookError):
        voice_books.change("Garden", lambda _: GARDEN)

    assert (tmp_path / "private").read_bytes() == b""
    assert not (tmp_path / "not there yet").exists()


def test_folder_that_is_a_link_is_followed(voice_books: VoiceBookFolder, tmp_path: Path) -> None:
    """The folder that the user names may be a link out: the books are where it leads, and it stays a link."""
    (tmp_path / "elsewhere").mkdir()
    voice_books.folder.parent.mkdir()
    voice_books.folder.symlink_to(tmp_path / "elsewhere")
    voice_books.change("Garden", lambda _: GARDEN)

    assert voice_books.folder.is_symlink()
    assert voice_books.read("Garden") == GARDEN
    assert mode(tmp_path / "elsewhere" / voice_books.path("Garden").name) == 0o600


def test_folder_that_is_a_link_is_followed_once(
    voice_books: VoiceBookFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book goes where the folder led when its writing began, also if that link is changed meanwhile."""
    for name in ("elsewhere", "private"):
        (tmp_path / name).mkdir()
    voice_books.folder.parent.mkdir()
    voice_books.folder.symlink_to(tmp_path / "elsewhere")
    real = os.fsync

    def changed_meanwhile(file: int) -> None:
        voice_books.folder.unlink(missing_ok=True)
        voice_books.folder.symlink_to(tmp_path / "private")
        real(file)

    monkeypatch.setattr(os, "fsync", changed_meanwhile)
    voice_books.change("Garden", lambda _: GARDEN)

    name = voice_books.path("Garden").name
    assert read_book(tmp_path / "elsewhere" / name) == GARDEN
    assert list((tmp_path / "private").iterdir()) == []


@pytest.mark.parametrize("target", ["private", "not there yet"])
def test_link_in_a_folder_that_is_a_link_leads_nowhere_else(
    voice_books: VoiceBookFolder, tmp_path: Path, target: str
) -> None:
    """Where the folder is a link, a link that is planted below it is refused all the same."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "private").write_bytes(b"")
    voice_books.folder.parent.mkdir()
    voice_books.folder.symlink_to(tmp_path / "elsewhere")
    voice_books.path("Garden").symlink_to(tmp_path / target)
    with pytest.raises(VoiceBookError):
        voice_books.change("Garden", lambda _: GARDEN)

    assert (tmp_path / "private").read_bytes() == b""
    assert not (tmp_path / "not there yet").exists()
