"""The guide to the desk: its keys are the page's, and its pictures are those that the script makes.

To renew the keys after a change: ``.venv/bin/python -m tests.docs.test_desk_guide``.
"""

from __future__ import annotations

import re

import pytest
from PIL import Image

from scripts.make_desk_screenshots import FILM, MEDIA, SHOTS, TAKEN, Shot
from tests.docs.blocks import ROOT

GUIDE = ROOT / "docs" / "how-to" / "desk.md"
ACTS = ROOT / "pipeline" / "desk" / "page" / "src" / "acts.ts"
ACT = re.compile(r'\{ id: "[\w-]+", title: "([^"]+)", keys: \[([^\]]*)\](?:, bare: \[([^\]]*)\])?')
TABLE = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- /keys -->)", re.DOTALL)
MOST_BYTES = 150_000
MOST_BYTES_OF_THE_FILM = 500_000
NAMES = {"Escape": "Esc"}


def shown(key: str) -> str:
    """A key as the guide writes it: ``Mod+Shift+L``."""
    return "+".join(NAMES.get(part, part.upper() if len(part) == 1 else part) for part in key.split("-"))


def key_table() -> str:
    """The table of all acts that have a key."""
    lines = ["| act | keys | outside of text too |", "|---|---|---|"]
    for title, keys, bare in ACT.findall(ACTS.read_text(encoding="utf-8")):
        cells = [", ".join(shown(key) for key in re.findall(r'"([^"]+)"', one)) for one in (keys, bare)]
        if cells[0]:
            lines.append(f"| {title} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def test_keys_are_the_defaults_of_the_page() -> None:
    """Lists each act that has a key, with the keys that the page has for it."""
    text = GUIDE.read_text(encoding="utf-8")
    found = TABLE.search(text)

    assert found is not None
    assert found[0] == key_table()
    assert "| Save | Mod+S |  |" in found[0]


def test_each_act_of_the_page_is_read() -> None:
    """Finds every act in the source, as a check of the test above."""
    text = ACTS.read_text(encoding="utf-8")

    assert len(ACT.findall(text)) == text.count("{ id: ") > 20


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_pictures_are_shown_and_small(shot: Shot) -> None:
    """Shows each picture that the script makes: a PNG of the window's size."""
    path = MEDIA / shot.name
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("PNG", (shot.width, shot.height))
    assert path.stat().st_size < MOST_BYTES
    assert f"](../media/{shot.name})" in GUIDE.read_text(encoding="utf-8")


def test_the_animation_is_shown_and_comes_to_an_end() -> None:
    """Shows what the script makes: an animation of the window's size, which stands still after some repetitions."""
    path = MEDIA / FILM.name
    with Image.open(path) as film:
        assert (film.format, film.size) == ("WEBP", (FILM.width, FILM.height))
        assert film.n_frames > len(TAKEN)  # type: ignore[attr-defined]
        assert 1 <= film.info["loop"] <= 3
    assert path.stat().st_size < MOST_BYTES_OF_THE_FILM
    assert f"](../media/{FILM.name})" in GUIDE.read_text(encoding="utf-8")


def test_there_are_no_other_pictures() -> None:
    """Has no picture of the desk that the script does not make."""
    assert {path.name for path in MEDIA.glob("desk*")} == {shot.name for shot in (*SHOTS, FILM)}


if __name__ == "__main__":
    GUIDE.write_text(TABLE.sub(lambda _: key_table(), GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
