"""What ``align`` keeps of an alignment: the desk reads it again, under a key of all that it depends on."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pipeline.episode.stored_alignment import (
    alignment_key,
    encode_alignment,
    kept_alignment,
    load_alignment,
    save_alignment,
)
from pipeline.files.store import Store
from pipeline.io.atomic import sha256_file
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.settings.config import Config
from tests.episode.test_speakers import ALL_THREE
from tests.factories import result
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD, SHOW, Command

DEFAULTS = Config()


@pytest.mark.parametrize("action", ["align", "align --in-place", "finish"])
def test_an_aligned_text_is_kept(workspace: Path, cuemark: Command, own_home: Path, action: str) -> None:
    """The text as it was typed, with all that was found in it, and no embedding of a voice."""
    cuemark(f"{action} show.mp3 show.md", engines=FakeEngines([HEARD], voices=ALL_THREE))

    key = alignment_key(DEFAULTS, None, {"": sha256_file(workspace / "show.mp3")})
    kept = load_alignment(Store(own_home / "store"), key)
    assert kept is not None
    assert (kept.source, kept.hearing, kept.diarization) == (SHOW, HEARD, "pyannote.audio")
    assert [one.heard_speaker for one in kept.utterances] == ["Ann Lee", "Bob Ray"]
    assert not any(sample.embedding in encode_alignment(kept) for sample in ALL_THREE.samples)


def test_the_last_one_with_a_key_is_kept(workspace: Path, cuemark: Command, own_home: Path) -> None:
    """An alignment of a later text takes the place of the earlier one, and one with other options does not."""
    fake = FakeEngines([HEARD], voices=ALL_THREE)
    cuemark("align show.mp3 show.md", engines=fake)
    cuemark("align show.mp3 show.md --no-voices --overwrite", engines=fake)
    later = SHOW.replace("Bob Ray", "Rob Ray")
    (workspace / "show.md").write_text(later)
    cuemark("align show.mp3 show.md --overwrite", engines=fake)

    store, sound = Store(own_home / "store"), {"": sha256_file(workspace / "show.mp3")}
    configs = DEFAULTS, replace(DEFAULTS, diarize=DiarizeOptions(voices=False))
    kept = [load_alignment(store, alignment_key(config, None, sound)) for config in configs]
    assert [one and one.source for one in kept] == [later, SHOW]


@pytest.mark.usefixtures("workspace")
def test_an_untyped_episode_has_nothing_to_keep(cuemark: Command, own_home: Path) -> None:
    """A draft has no alignment of typed words."""
    cuemark("draft show.mp3", engines=FakeEngines([HEARD], voices=ALL_THREE))

    assert not (own_home / "store" / "alignment").exists()


def test_options_of_what_is_written_do_not_matter() -> None:
    """The desk opens what was aligned with other subtitles; another model or other sound is another alignment."""
    sound = {"": "sound"}
    key = alignment_key(DEFAULTS, None, sound)
    written = replace(
        DEFAULTS,
        cues=replace(DEFAULTS.cues, gap_s=0.5),
        finish=replace(DEFAULTS.finish, times=not DEFAULTS.finish.times),
    )
    model = replace(DEFAULTS, transcribe=replace(DEFAULTS.transcribe, model="tiny"))

    assert alignment_key(written, None, sound) == key
    others = (
        alignment_key(model, None, sound),
        alignment_key(DEFAULTS, "show", sound),
        alignment_key(DEFAULTS, None, {}),
    )
    assert len({key, *others}) == 4


def test_a_damaged_entry_is_not_used(tmp_path: Path) -> None:
    """Bytes that are no compressed alignment, or that are cut off, are none."""
    store, kept = Store(tmp_path / "store"), kept_alignment("key", result(SHOW))
    save_alignment(store, kept)
    assert load_alignment(store, "key") == kept
    for content in (b"", b"no", encode_alignment(kept)):
        store.save("alignment", "key", content)
        assert load_alignment(store, "key") is None
    store.save("alignment", "key", zlib.compress(encode_alignment(msgspec.structs.replace(kept, key="other"))))
    assert load_alignment(store, "key") is None
