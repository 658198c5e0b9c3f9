"""``cuemark voices``: showing a book, changing it, and forgetting a person completely."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as replace_struct

from pipeline.files.store import Store, key_of
from pipeline.files.voice_books import VoiceBookFolder, read_book
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.schema import Diarization, VoiceSample
from pipeline.times import Span
from tests.matching.made_profiles import book, taught_examples
from tests.sample_episode import Command, Outcome, contents

NAMES = ["Ann", "Bob", "Guest"]
GARDEN = book("Ann Bob", "Ann Bob Guest", "Ann Bob")


@pytest.fixture
def voice_books(own_home: Path) -> VoiceBookFolder:
    """Return the voice book folder of the test's own home, with one book."""
    voice_books = VoiceBookFolder(own_home / "voices")
    voice_books.change("Garden", lambda _: GARDEN)
    return voice_books


def names(voice_books: VoiceBookFolder) -> list[str]:
    """The people in the book."""
    return [one.name for one in (voice_books.read("Garden") or VoiceBook("")).voices]


def vectors(of: VoiceBook, name: str) -> list[bytes]:
    """All vectors of a person."""
    return [one.embedding for own in of.voices if own.name == name for page in own.enrolments for one in page.examples]


def ok(outcome: Outcome) -> Any:  # noqa: ANN401 -- JSON
    """The JSON of a command that went well."""
    assert (outcome.status, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_lists_shows_and_people(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Shows the shows, and of one show the people with how much is known of them."""
    folder, head, show = cuemark("voices").out.splitlines()
    people = cuemark("voices list Garden").out.splitlines()

    assert (folder, head.split(), show.split()) == (
        str(voice_books.folder),
        ["show", "voices", "episodes"],
        ["Garden", "3", "3"],
    )
    assert [line.split()[:4] for line in people[1:]] == [
        ["Ann", "3", "36", "s"],
        ["Bob", "3", "36", "s"],
        ["Guest", "1", "12", "s"],
    ]


def test_nothing_is_there_yet(own_home: Path, cuemark: Command) -> None:
    """Says how a book comes to be, and makes no folder."""
    assert "there is no voice book yet; align and finish make one with --voice-book SHOW" in cuemark("voices").out
    assert ok(cuemark("voices --json"))["shows"] == []
    assert not (own_home / "voices").exists()


def test_explains_a_voice(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Shows from which episodes and moments a voice was learned, their similarity, and what is doubtful."""
    voice_books.change("Garden", lambda _: book("Ann Bob", "Ann Bob", "Bob/Ann"))
    out = cuemark("voices show Garden Ann").out

    assert out.startswith("Ann: is recognised; nearest other voice: Bob, 0.")
    assert [line.split()[:3] for line in out.splitlines()[2:]] == [["1", "12", "s"], ["2", "12", "s"], ["3", "12", "s"]]
    assert out.splitlines()[-1].endswith("set aside: sounds like Bob")
    assert "0:00, 0:05, 0:10" in out


def test_explains_a_voice_to_machines(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Gives the same as JSON, without any vector."""
    document = ok(cuemark("voices show Garden Guest --json"))

    assert {name: document[name] for name in ("schema", "show", "name", "recognised", "seconds")} == {
        "schema": "cuemark.voice/1",
        "show": "Garden",
        "name": "Guest",
        "recognised": True,
        "seconds": 12.0,
    }
    assert [(one["name"], one["at"], one["set_aside"]) for one in document["episodes"]] == [("2", [0, 5, 10], False)]
    assert "vector" not in cuemark("voices list Garden --json").out
    assert voice_books.read("Garden") == GARDEN


def test_renames_and_merges(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Gives a voice another name, and makes one of two; both hold for labels from then on."""
    assert cuemark("voices rename Garden Guest Zoe").out == "Guest is Zoe from now on, in labels too\n"
    assert names(voice_books) == ["Ann", "Bob", "Zoe"]
    bob = next(one for one in GARDEN.voices if one.name == "Bob")
    voice_books.change("Garden", lambda now: replace(now, voices=(*now.voices, replace_struct(bob, name="Bobby"))))
    assert cuemark("voices merge Garden Bobby Bob").out == "Bobby is Bob from now on, in labels too\n"
    assert names(voice_books) == ["Ann", "Bob", "Zoe"]
    assert dict((voice_books.read("Garden") or GARDEN).renamed) == {"guest": "Zoe", "bobby": "Bob"}
    assert "in labels, bobby means Bob" in cuemark("voices list Garden").out


def test_two_people_are_not_merged(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Refuses to merge two dissimilar voices, because a merge cannot be undone."""
    outcome = cuemark("voices merge Garden Guest Bob")

    assert outcome.status == 2
    assert outcome.err.startswith("cuemark: voices merge: the voices of Guest and Bob differ too much for one person (")
    assert voice_books.read("Garden") == GARDEN


def test_forgets_completely(voice_books: VoiceBookFolder, own_home: Path, cuemark: Command) -> None:
    """Leaves no byte of a forgotten voice in the book or the store, and what was heard of others where it is."""
    store = Store(own_home / "store")
    for name in NAMES:
        samples = tuple(VoiceSample((Span(0, 4_000),), "A", one) for one in vectors(GARDEN, name))
        store.save("voices", key_of(name), Diarization((), samples, "pyannote.audio", "voices", "0" * 64))
        store.save("samples", key_of(name), samples)
    store.save("hearing", key_of("Ann"), "words")
    gone = vectors(GARDEN, "Ann")
    out = cuemark("voices forget Garden Ann").out

    everything = contents(own_home)
    assert out.startswith("forgotten: Ann; 2 stored sets of samples (")
    assert out.endswith("that may hold them are removed, too; not learned again before: cuemark voices allow\n")
    assert names(voice_books) == ["Bob", "Guest"]
    assert not [name for name, content in everything.items() if any(one[:64] in content for one in gone)]
    assert store.load("voices", key_of("Bob"), Diarization) is not None
    assert store.load("hearing", key_of("Ann"), str) == "words"


def test_a_voice_that_sounds_the_same_is_told(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Says that another name has a similar voice; only people know whether it is the same person."""
    voice_books.change("Garden", lambda _: book("Ann Bob", "Ann Bob", "Ann/Host Bob", "Ann/Host Bob"))
    outcome = cuemark("voices forget Garden Ann")

    assert outcome.err == "Host sounds the same; if that is the same person: cuemark voices forget SHOW NAME\n"
    assert names(voice_books) == ["Bob", "Host"]


def test_the_forgotten_come_back_only_when_allowed(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Lists forgotten names, and lets one be learned again on request."""
    cuemark("voices forget Garden Ann")
    assert "forgotten: Ann" in cuemark("voices list Garden").out
    refused = cuemark("voices rename Garden Bob Ann")
    assert (refused.status, refused.err) == (
        2,
        "cuemark: voices rename: Ann was forgotten and is not learned again; cuemark voices allow changes that\n",
    )
    assert cuemark("voices allow Garden Ann").out == "Ann may be learned again\n"
    assert (voice_books.read("Garden") or GARDEN).forgotten == ()


def test_forgets_a_whole_show(voice_books: VoiceBookFolder, own_home: Path, cuemark: Command) -> None:
    """Removes the book itself, and all samples of its people from the store."""
    store = Store(own_home / "store")
    samples = tuple(VoiceSample((Span(0, 4_000),), "A", one) for one in vectors(GARDEN, "Guest"))
    store.save("samples", key_of(1), samples)
    out = cuemark("voices forget Garden --all").out

    assert out.startswith("forgotten: all voices of Garden; 1 stored sets of samples")
    assert voice_books.read("Garden") is None
    assert not any(vectors(GARDEN, "Guest")[0][:64] in content for content in contents(own_home).values())


def test_exports_only_the_named_people(voice_books: VoiceBookFolder, tmp_path: Path, cuemark: Command) -> None:
    """Writes only the named voices into a file that its owner alone may read, and says what it contains."""
    path = tmp_path / "guest.voices"
    outcome = cuemark(f"voices export Garden {path} --voice Guest")

    assert (outcome.status, outcome.out) == (0, f"{path}\n")
    assert outcome.err == f"{path}: biometric data of Guest; share it only as these people have agreed\n"
    assert [one.name for one in read_book(path).voices] == ["Guest"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(one[:64] in path.read_bytes() for one in vectors(GARDEN, "Ann"))
    assert (
        cuemark(f"voices export Garden {path} --all").err == f"cuemark: {path}: is there already; give another name\n"
    )
    assert names(voice_books) == NAMES


def test_imports_into_a_show(voice_books: VoiceBookFolder, tmp_path: Path, cuemark: Command) -> None:
    """Brings voices to another show or machine, except those that were forgotten there."""
    path = tmp_path / "all.voices"
    cuemark(f"voices export Garden {path} --all")
    assert cuemark(f"voices import {path} --show Kitchen").out == f"Kitchen: Ann, Bob, Guest imported from {path}\n"
    cuemark("voices forget Garden Ann")
    outcome = cuemark(f"voices import {path}")

    assert outcome.err == "not imported, because Ann was forgotten: Ann\n"
    assert outcome.out == f"Garden: Bob, Guest imported from {path}\n"
    assert names(voice_books) == ["Bob", "Guest"]
    assert len((voice_books.read("Kitchen") or GARDEN).voices) == 3


def test_imports_nothing_of_other_models(voice_books: VoiceBookFolder, tmp_path: Path, cuemark: Command) -> None:
    """Refuses voices that cannot be compared with those in the book."""
    path = tmp_path / "all.voices"
    cuemark(f"voices export Garden {path} --all")
    other = taught_examples("9", "Ann")
    voice_books.change("Other", lambda now: VoiceBook(now.show, "1" * 64, GARDEN.voices))
    outcome = cuemark(f"voices import {path} --show Other")

    assert other.weights != "1" * 64
    assert (outcome.status, outcome.err) == (
        1,
        f"cuemark: {path}: was learned with other models than the voice book of Other\n",
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("voices show Garden", "command line: Missing argument 'NAME'."),
        ("voices show Garden Anne", "voices: Garden has no voice of Anne; do you mean Ann?"),
        ("voices list Gardn", "voices: there is no voice book of Gardn; do you mean Garden?"),
        ("voices forget Garden", "voices forget: say who: cuemark voices forget SHOW NAME, or SHOW --all"),
        ("voices forget Garden Ann --all", "voices forget: say who"),
        ("voices export Garden x.voices", "voices export: say whose voices: --voice NAME, once for each, or --all"),
        ("voices export Garden x.voices --all --voice Ann", "voices export: say whose voices"),
        ("voices export Garden x.voices --voice Eve", "voices: Garden has no voice of Eve"),
        ("voices list Garden --all", "command line: No such option: --all"),
        ("voices list --show Garden", "command line: No such option: --show"),
        ("voices rename Garden Ann Bob", "voices rename: there is a Bob already; type: cuemark voices merge"),
        ("voices merge Garden Ann Ann", "voices merge: Ann is one voice already"),
        ("voices allow Garden Ann", "voices allow: Ann was not forgotten; forgotten names: none"),
        ("voices remember Garden", "command line: "),
    ],
)
def test_unclear_requests_change_nothing(voice_books: VoiceBookFolder, cuemark: Command, line: str, error: str) -> None:
    """Ends with 2 and one line, and changes nothing, where it is not clear what is meant."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert voice_books.read("Garden") == GARDEN


def test_every_change_can_be_read_by_machines(voice_books: VoiceBookFolder, cuemark: Command) -> None:
    """Prints the book as it is after a change with ``--json``."""
    document = ok(cuemark("voices rename Garden Guest Zoe --json"))

    assert [one["name"] for one in document["voices"]] == ["Ann", "Bob", "Zoe"] == names(voice_books)
    assert document["renamed"] == {"guest": "Zoe"}
