from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.io.path_hints import explain


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("https://example.org/7.mp3", "this is a web address; download the file first"),
        ("https://www.youtube.com/watch?v=1", "this is a video's page; save its sound as a file first"),
        ("file:///music/a%20b.mp3", "give the path alone: /music/a b.mp3"),
        ("-", "standard input is not read; give a file"),
        ("“show.mp3”", "the quotation marks are taken for a part of the name"),
        (r"C:\shows\7.mp3", "this is a path as Windows writes it"),
        ("~/7.mp3", "between quotation marks ~ does not mean your home folder"),
        ("*.mp3", "no file here fits this pattern"),
        ("nowhere/7.mp3", "there is no folder nowhere; check the name"),
        ("Shwo.mp3", "there is no such file; do you mean show.mp3?"),
        ("show", "there is no such file; do you mean show.mp3?"),
        ("guest.wav", "there is no such file; check the name and the folder"),
    ],
)
def test_the_hint_fits_the_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, hint: str) -> None:
    """Each usual mistake gets the hint that helps."""
    monkeypatch.chdir(tmp_path)
    Path("show.mp3").touch()

    assert explain(Path(typed)).startswith(hint)


def test_a_link_without_a_target_is_named(tmp_path: Path) -> None:
    """A link with a missing target gets its own hint."""
    link = tmp_path / "7.mp3"
    link.symlink_to("gone.mp3")

    assert explain(link) == "this is a link to gone.mp3, which is not there"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_gets_a_hint(name: str) -> None:
    """Every name gets some hint, and none raises an error."""
    assert explain(Path(name)) != ""
