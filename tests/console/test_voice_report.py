"""A show's voice book, from the flag to the disk: who is named, what is learned, and what is forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.files.voice_books import VoiceBookFolder
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.schema import Diarization
from tests.episode.test_speakers import diarized, voice
from tests.factories import heard, hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import ANN, BOB, HEARD, REST, SHOW, Command, contents

FLAG = "--voice-book Garden"
BOTH = diarized((1_000, 9_000, 0), (10_000, 18_000, 1))
LONG = hearing(heard(ANN, 1_000, 9_000), heard(BOB, 10_000, 18_000), duration=19_000)
NEXT = hearing(heard(BOB, 1_000, 9_000), heard(REST, 10_000, 18_000), heard(ANN, 19_000, 27_000), duration=28_000)
NEXT_VOICES = diarized((1_000, 9_000, 1), (10_000, 18_000, 2), (19_000, 27_000, 0))


def aligned(cuemark: Command, line: str = FLAG, voices: Diarization = BOTH) -> str:
    """The messages of ``align`` for the sample episode."""
    outcome = cuemark(f"align show.mp3 show.md {line} --overwrite", engines=FakeEngines([LONG], voices=voices))
    assert outcome.status == 0
    return str(outcome.err)


def drafted(workspace: Path, cuemark: Command, line: str = FLAG) -> str:
    """What ``draft`` of the next episode says; nothing of it is typed."""
    (workspace / "next.mp3").write_bytes(b"another sound")
    outcome = cuemark(f"draft next.mp3 {line} --overwrite", engines=FakeEngines([NEXT], voices=NEXT_VOICES))
    assert outcome.status == 0
    return str(outcome.err)


def kept(home: Path) -> VoiceBook | None:
    """The book of the test's own home."""
    return VoiceBookFolder(home / "voices").read("Garden")


def test_off_unless_asked_for(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Learns nothing and makes no folder without the flag."""
    aligned(cuemark, "")

    assert (workspace / "show.timed.md").exists()
    assert not (own_home / "voices").exists()


def test_learns_from_labels_and_says_so(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Learns both people of a typed episode, and says on standard error who was learned from how much speech."""
    err = aligned(cuemark)
    book = kept(own_home)

    assert (workspace / "show.timed.md").exists()
    assert book is not None
    assert [(one.name, [own.episode for own in one.enrolments]) for one in book.voices] == [
        ("Ann Lee", ["show"]),
        ("Bob Ray", ["show"]),
    ]
    assert "voice book Garden: is a new one\n" in err
    assert "voice book Garden: recognised: nobody without a label\n" in err
    assert "voice book Garden: learned: Ann Lee (8 s), Bob Ray (8 s)\n" in err


def test_a_new_episode_has_the_real_names(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Writes the names of the book into a draft and its panel, and says how sure each is; a stranger stays unknown."""
    aligned(cuemark)
    before = contents(own_home / "voices")
    err = drafted(workspace, cuemark)
    text, document = (workspace / "next.draft.md").read_text(), json.loads((workspace / "next.json").read_text())

    assert "voice book Garden: recognised: Ann Lee (1.00), Bob Ray (1.00)\n" in err
    assert "learned" not in err
    assert "* Bob Ray" in text
    assert "**Unknown speaker 1**: And here is what" in text
    assert [(one["name"], one.get("recognised")) for one in document["speakers"]] == [
        ("Bob Ray", 1.0),
        ("Unknown speaker 1", None),
        ("Ann Lee", 1.0),
    ]
    assert contents(own_home / "voices") == before


def test_finish_names_whom_the_typed_part_does_not(workspace: Path, cuemark: Command) -> None:
    """Gives the rest of an episode to a person who has no label in it yet."""
    aligned(cuemark)
    (workspace / "show.md").write_text(SHOW.partition("**Bob Ray**")[0].replace("* Bob Ray\n", ""))
    fake = FakeEngines([HEARD], voices=diarized((1_000, 7_000, 0), (8_000, 20_000, 1)))
    outcome = cuemark(f"finish show.mp3 show.md {FLAG} --relisten", engines=fake)

    assert "**Bob Ray**: Thank you Ann" in (workspace / "show.finished.md").read_text()
    assert "recognised: Bob Ray (1.00)\n" in outcome.err


def test_no_result_holds_a_vector(workspace: Path, cuemark: Command) -> None:
    """No result contains an embedding."""
    aligned(cuemark, f"{FLAG} -f all")
    drafted(workspace, cuemark, f"{FLAG} -f all")
    for name, content in contents(workspace).items():
        assert not any(voice(number)[:16] in content for number in (0, 1, 2)), name
        assert b"vector" not in content, name


def test_the_same_episode_again_changes_nothing(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Learns an episode once, however often it is aligned."""
    assert (workspace / "show.md").exists()
    aligned(cuemark)
    before = kept(own_home)
    aligned(cuemark)

    assert kept(own_home) == before


@pytest.mark.parametrize("line", ["--diff", "--no-voices", "--track Ann=ann.wav"])
def test_what_teaches_nothing(workspace: Path, own_home: Path, cuemark: Command, line: str) -> None:
    """Writes no book if nothing may be written, and refuses the option without diarization."""
    (workspace / "ann.wav").write_bytes(b"ann")
    outcome = cuemark(f"align show.mp3 show.md {FLAG} {line}", engines=FakeEngines([LONG], voices=BOTH))

    assert kept(own_home) is None
    if line != "--diff":
        assert outcome.status == 2
        assert outcome.err.startswith("cuemark: --voice-book: needs the speakers' voices")


def test_a_damaged_book_stops_before_anybody_listens(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Says what is wrong before hours of listening, and leaves the book as it is."""
    aligned(cuemark)
    path = VoiceBookFolder(own_home / "voices").path("Garden")
    path.write_bytes(path.read_bytes()[:-1])
    fake = FakeEngines([LONG], voices=BOTH)
    outcome = cuemark(f"align show.mp3 show.md {FLAG} --overwrite", engines=fake)

    assert (workspace / "show.md").exists()
    assert (outcome.status, fake.history) == (1, [])
    assert outcome.err.count("\n") == 1
    assert "is damaged and left as it is" in outcome.err


def test_a_shows_own_file_cannot_turn_it_on(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """A settings file next to the transcript, perhaps a stranger's, cannot choose a voice book."""
    (workspace / "cuemark.toml").write_text('voice_book = "Garden"\n')

    assert cuemark("align show.mp3 show.md", engines=FakeEngines([LONG], voices=BOTH)).status == 2
    assert not (own_home / "voices").exists()


def test_the_wrong_audio_teaches_nothing(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Learns nothing with ``--force`` either where the transcript is not this audio's."""
    elsewhere = hearing(heard("nothing of all this has ever been said in any garden of the world " * 5, 0, 18_000))
    cuemark(f"align show.mp3 show.md {FLAG} --force", engines=FakeEngines([elsewhere], voices=BOTH))

    assert (workspace / "show.timed.md").exists()
    assert kept(own_home) is None


def test_a_wrong_label_is_told_and_teaches_nobody(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Says that a whole episode under swapped names contradicts the others, and recognises everybody as before."""
    aligned(cuemark)
    for number in (1, 2):
        (workspace / "show.mp3").write_bytes(b"sound of episode %d" % number)
        aligned(cuemark)
    (workspace / "show.mp3").write_bytes(b"swapped")
    err = aligned(cuemark, voices=diarized((1_000, 9_000, 1), (10_000, 18_000, 0)))

    assert "set aside: Ann Lee sounds like Bob Ray here; is a label wrong" in err
    assert len((kept(own_home) or VoiceBook("")).voices) == 2
    assert "recognised: Ann Lee (1.00), Bob Ray (1.00)\n" in drafted(workspace, cuemark)


def test_other_models_are_one_line(workspace: Path, own_home: Path, cuemark: Command) -> None:
    """Warns once where a book was learned with other weights, and leaves it as it is."""
    aligned(cuemark)
    before = kept(own_home)
    (workspace / "show.mp3").write_bytes(b"another sound")
    other = Diarization(BOTH.turns, BOTH.samples, BOTH.engine, "voices", "f" * 64)
    err = aligned(cuemark, voices=other)

    assert err.count("is not used: it was learned with other models for voices") == 1
    assert "learned: " not in err
    assert kept(own_home) == before
