from __future__ import annotations

import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.files.store import Cleared, Holding, Store, default_folder, key_of
from pipeline.io.atomic import sha256_of
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Span
from tests.factories import heard, hearing
from tests.sample_episode import python

KEY = "ab" * 32


@dataclass(frozen=True, slots=True)
class Knobs:
    """Some stage's options."""

    width: int = 3
    name: str | None = None


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    return Store(tmp_path / "store")


@st.composite
def hearings(draw: st.DrawFn) -> Hearing:
    """Any hearing, with odd words and settings."""
    texts = draw(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=6))
    starts = sorted(draw(st.lists(st.integers(0, 10**8), min_size=len(texts), max_size=len(texts))))
    probability = draw(st.none() | st.floats(0, 1))
    words = (HeardWord(text, Span(start, start + 300), probability) for text, start in zip(texts, starts, strict=True))
    return hearing(words, language=draw(st.sampled_from(["en", "de"])))


@given(hearings())
def test_what_is_loaded_is_what_was_saved(tmp_path_factory: pytest.TempPathFactory, value: Hearing) -> None:
    """Gives back a hearing that is equal to the one that was kept, also to another process."""
    folder = tmp_path_factory.mktemp("store")

    Store(folder).save("hearing", KEY, value)

    assert Store(folder).load("hearing", KEY, Hearing) == value


def test_what_was_never_saved_is_not_there(store: Store) -> None:
    """Has nothing under another key or another stage."""
    store.save("hearing", KEY, hearing(heard("a word")))

    assert store.load("hearing", "cd" * 32, Hearing) is None
    assert store.load("turns", KEY, Hearing) is None


def test_relisten_starts_anew(store: Store) -> None:
    """Passes over what is there with ``relisten``, and keeps what is made in its place."""
    old, new = hearing(heard("an old word")), hearing(heard("a new word"))
    store.save("hearing", KEY, old)
    again = Store(store.folder, relisten=True)

    assert again.load("hearing", KEY, Hearing) is None
    again.save("hearing", KEY, new)
    assert store.load("hearing", KEY, Hearing) == new


def _damage(entry: Path, how: str) -> None:
    content = bytearray(entry.read_bytes())
    match how:
        case "cut":
            entry.write_bytes(content[:-3])
        case "flip":
            content[-1] ^= 1
            entry.write_bytes(content)
        case "empty":
            entry.write_bytes(b"")
        case "of another kind":
            payload = msgspec.msgpack.encode(["of", "another", "kind"])
            entry.write_bytes(sha256_of(payload).encode() + payload)
        case "nested deeply":
            nested = b"\x91" * 100_000
            entry.write_bytes(sha256_of(nested).encode() + nested)
        case _:
            entry.unlink()
            entry.mkdir()
            (entry / "inside").write_text("")


@pytest.mark.parametrize("how", ["cut", "flip", "empty", "of another kind", "nested deeply", "a folder"])
def test_damaged_entry_is_made_anew(store: Store, caplog: pytest.LogCaptureFixture, how: str) -> None:
    """Takes an entry for missing, and says so once, where it is not what was written, and keeps the next one."""
    value = hearing(heard("some words that were heard"))
    store.save("hearing", KEY, value)
    (entry,) = files(store.folder)
    _damage(entry, how)

    assert store.load("hearing", KEY, Hearing) is None
    assert store.load("hearing", KEY, Hearing) is None
    store.save("hearing", KEY, value)
    assert store.load("hearing", KEY, Hearing) == value
    assert caplog.messages == [f"{entry}: this entry of the store is damaged; computing it again"]
    assert files(store.folder) == [entry]


UNREADABLE = """
import os, sys, tempfile
from pathlib import Path
from pipeline.files.store import Store

if os.geteuid() == 0:  # who may read everything cannot try what happens where something cannot be read
    os.setuid(65534)
with tempfile.TemporaryDirectory() as folder:
    store = Store(Path(folder))
    store.save("hearing", "ab" * 32, "old")
    (entry,) = (path for path in Path(folder).rglob("*") if path.is_file())
    entry.chmod(0)
    print(store.load("hearing", "ab" * 32, str))
    store.save("hearing", "ab" * 32, "new")
    print(Store(Path(folder)).load("hearing", "ab" * 32, str))
    entry.parent.chmod(0o500)
    store.save("hearing", "ab" * 32, "newer")
    store.save("hearing", "ab" * 32, "newest")
    print(Store(Path(folder)).load("hearing", "ab" * 32, str))
    entry.parent.chmod(0o700)
"""


def test_what_may_not_be_read_or_written() -> None:
    """Computes an unreadable entry again, and continues without a folder that is not writable."""
    outcome = python(UNREADABLE)
    lines = [line.split(": ", 1)[1] for line in outcome.stderr.splitlines()]

    assert outcome.stdout.split() == ["None", "new", "new"]
    assert lines == [
        "this entry of the store is damaged; computing it again",
        "the store cannot be used (Permission denied); going on without it",
    ]


def test_store_that_cannot_be_used_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Keeps and finds nothing where its folder cannot be made, and says so once."""
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file" / "store")

    with caplog.at_level(logging.WARNING):
        store.save("hearing", KEY, hearing(heard("a word")))
        store.save("hearing", KEY, hearing(heard("a word")))
        store.record(tmp_path / "a.srt", KEY)

    assert store.load("hearing", KEY, Hearing) is None
    assert store.written(tmp_path / "a.srt") == frozenset()
    assert caplog.messages == [
        f"{store.folder}: the store cannot be used (Not a directory); going on without it",
    ]


def test_windows_are_kept_one_by_one(store: Store) -> None:
    """Finds the words of a window again for the same listening, and for no other."""
    store.windows("one").save("0-600000", heard("first window"))
    store.windows("one").save("600000-900000", ())

    assert store.windows("one").load("0-600000") == heard("first window")
    assert store.windows("one").load("600000-900000") == ()
    assert store.windows("two").load("0-600000") is None
    assert store.windows("one").load("900000-950000") is None


def test_writers_at_once_leave_a_whole_entry(store: Store) -> None:
    """Shows a reader one writer's entry or another's, whole, and never a mixture, while several write it."""
    values = [hearing(heard(f"{word} " * 200)) for word in ("one", "two", "three", "four")]
    store.save("hearing", KEY, values[0])

    def work(value: Hearing) -> list[Hearing | None]:
        seen = []
        for _ in range(25):
            Store(store.folder).save("hearing", KEY, value)
            seen.append(Store(store.folder).load("hearing", KEY, Hearing))
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = [value for values_seen in pool.map(work, values) for value in values_seen]

    assert [value for value in seen if value not in values] == []
    assert len(files(store.folder)) == 1


def test_record_knows_what_was_last_written(store: Store, tmp_path: Path) -> None:
    """Remembers the last hashes of each file, by any of its names."""
    (tmp_path / "link.srt").symlink_to("a.srt")
    store.record(tmp_path / "a.srt", "11")
    store.record(tmp_path / "link.srt", "22", "33")

    assert store.written(tmp_path / "a.srt") == {"22", "33"}
    assert store.written(tmp_path / "b.srt") == frozenset()


def test_relisten_does_not_forget_what_was_written(store: Store, tmp_path: Path) -> None:
    """Knows its own files also where everything is listened to again."""
    store.record(tmp_path / "a.srt", "11")

    assert Store(store.folder, relisten=True).written(tmp_path / "a.srt") == {"11"}


@given(st.lists(st.text() | st.integers() | st.none() | st.booleans(), max_size=4))
def test_key_depends_on_every_part(parts: list[object]) -> None:
    """Gives equal parts equal keys, and one more part another one."""
    assert key_of(*parts) == key_of(*parts)
    assert key_of(*parts) != key_of(*parts, "more")


def test_key_depends_on_each_option() -> None:
    """Gives another key when an option has another value, but not when a dictionary has another order."""
    assert key_of(Knobs()) != key_of(Knobs(width=4))
    assert key_of(Knobs()) == key_of(Knobs(width=3))
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})


def test_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is where ``CUEMARK_STORE`` says, and in the user's cache where it says nothing."""
    monkeypatch.setenv("CUEMARK_STORE", str(tmp_path / "here"))
    named = default_folder()
    monkeypatch.delenv("CUEMARK_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert named == tmp_path / "here"
    assert default_folder().name == "store"
    assert default_folder().parent.name == "cuemark"


# --- what there is, and clearing it ------------------------------------------------------------------------------


def entry_size(value: str) -> int:
    """The bytes of an entry that holds a text."""
    return 64 + len(msgspec.msgpack.encode(value))


def test_holdings_count_by_stage(store: Store) -> None:
    """Counts entries, bytes and last uses of each stage."""
    for number, at in enumerate((1_000, 3_000, 2_000)):
        store.save("hearing", key_of(number), "x")
        os.utime(store._entry("hearing", key_of(number)), (0, at))
    store.record(store.folder / "a.srt")
    (record,) = files(store.folder / "written")
    os.utime(record, (0, 500))

    assert store.holdings() == (
        Holding("hearing", number=3, size=3 * entry_size("x"), oldest=1_000, newest=3_000),
        Holding("written", number=1, size=65, oldest=500, newest=500),
    )
    assert Store(store.folder / "none").holdings() == ()


def test_use_counts_for_the_age(store: Store) -> None:
    """Keeps recently loaded entries and removes older ones; finding a damaged entry is not a use."""
    for number in range(3):
        store.save("hearing", key_of(number), number)
    for path in files(store.folder):
        os.utime(path, (0, 0))
    store.load("hearing", key_of(1), int)

    assert store.clear(unused_s=60).number == 2
    assert [store.load("hearing", key_of(number), int) for number in range(3)] == [None, 1, None]


def test_records_are_cleared_only_when_asked(store: Store, tmp_path: Path) -> None:
    """Keeps what protects people's files, unless it is said to go."""
    store.record(tmp_path / "a.srt", "11")

    assert store.clear() == Cleared(0, 0, 0)
    assert store.written(tmp_path / "a.srt") == {"11"}
    assert store.clear(records=True).number == 1
    assert store.written(tmp_path / "a.srt") == frozenset()


def test_removes_what_is_unwanted(tmp_path: Path) -> None:
    """Removes the results of one stage that are unwanted or damaged; no other is touched, nor is its age."""
    store = Store(tmp_path)
    for number in range(4):
        store.save("voices", key_of(number), number)
        store.save("samples", key_of(number), number)
    store._entry("voices", key_of(3)).write_bytes(b"damaged")
    os.utime(store._entry("voices", key_of(0)), (0, 0))
    cleared = store.remove("voices", int, lambda number: number == 1)

    assert (cleared.number, cleared.stuck) == (2, 0)
    assert cleared.size == 65 + len(b"damaged")
    assert store._entry("voices", key_of(0)).stat().st_mtime == 0
    assert [store.load("voices", key_of(number), int) for number in range(4)] == [0, None, 2, None]
    assert [store.load("samples", key_of(number), int) for number in range(4)] == [0, 1, 2, 3]


def modes(folder: Path) -> set[tuple[str, str]]:
    """Kinds and modes of all that is in a folder, and of the folder."""
    return {
        ("folder" if path.is_dir() else "file", oct(stat.S_IMODE(path.stat().st_mode)))
        for path in (folder, *folder.rglob("*"))
    }


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, {("folder", "0o700"), ("file", "0o600")}),
        (0o755, {("folder", "0o755"), ("folder", "0o700"), ("file", "0o600")}),
        (0o2770, {("folder", "0o2770"), ("file", "0o640")}),
        (0o750, {("folder", "0o750"), ("folder", "0o700"), ("file", "0o600")}),
    ],
    ids=["new", "usual", "shared", "readable by the group"],
)
def test_entries_are_private_but_in_a_shared_folder(
    store: Store, before: int | None, expected: set[tuple[str, str]]
) -> None:
    """What was heard can be read by its owner alone; a folder that its group may write keeps the group's mode."""
    if before is not None:
        store.folder.mkdir(parents=True)
        store.folder.chmod(before)
    usual = os.umask(0o022)
    try:
        store.save("voices", KEY, "what a voice is like")
        store.save("voices", KEY, "what it is really like")
    finally:
        os.umask(usual)

    assert modes(store.folder) == expected
    assert store.load("voices", KEY, str) == "what it is really like"


def test_link_in_the_store_leads_nowhere_else(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Writes no entry through a link that leads out of the store; the folder itself may be a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "private").mkdir()
    store.folder.symlink_to("real")
    (tmp_path / "real" / "hearing").symlink_to("../private")
    store.save("hearing", KEY, "text")
    store.save("window", KEY, "text")

    assert list((tmp_path / "private").iterdir()) == []
    assert store.load("window", KEY, str) == "text"
    assert [message.partition(": ")[2] for message in caplog.messages] == [
        "the store cannot be used (a link leads out of the folder); going on without it"
    ]
