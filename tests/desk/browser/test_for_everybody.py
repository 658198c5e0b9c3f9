"""The page has no barriers that axe-core knows: by day and by night, narrow, enlarged, from right to left."""

from __future__ import annotations

import pytest

from tests.browsers import barriers
from tests.desk.browser.canned_server import Desk
from tests.desk.browser.conftest import Opener
from tests.desk.browser.example_desk import example, item

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(opened: Opener, scheme: str, width: int) -> None:
    """Is clean with grey text, a spoken word and an item of the queue, and in each dialog."""
    here = opened(example(), color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    here.page.evaluate("document.getElementById('sound').currentTime = 200")
    here.page.keyboard.press("F8")
    here.page.keyboard.press("F4")
    here.caret("migration first.")
    here.grey("**Miles Okoro**")
    assert barriers(here.page) == []

    if width == 360:
        here.page.get_by_role("button", name="Queue").click()
        assert barriers(here.page) == []
    for key in ("F2", "Shift+F2", "Control+/", "Control+f"):
        here.page.keyboard.press(key)
        assert barriers(here.page) == [], key
        here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Settings").click()
    assert barriers(here.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_in_a_conflict(opened: Opener, scheme: str, width: int) -> None:
    """Is clean where both texts are side by side because another program changed the file."""
    size = {"width": width, "height": 800}
    lines = "".join(f"**Ada**: this is line {number}.\n\n" for number in range(20))
    desk = Desk(f"one\n\n{lines}two\n", disk=f"uno\n\n{lines}2\n")
    here = opened(desk, color_scheme=scheme, viewport=size, bypass_csp=True)
    here.caret("two")
    here.page.keyboard.type("!")
    here.page.keyboard.press("Control+s")
    here.page.get_by_role("dialog", name="The file changed on the disk").wait_for()
    assert barriers(here.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_offer(opened: Opener, scheme: str) -> None:
    """Is clean where changes that were not saved are offered, with the warning that the file has changed."""
    recovery = {"changes": 3, "last": "2026-01-02T03:04:05Z", "same_file": False}
    desk = Desk("one\n", state={"recovery": recovery}, recovered="one two\n")
    here = opened(desk, ready=False, color_scheme=scheme, bypass_csp=True)
    here.page.goto(here.server.address)
    here.page.get_by_role("dialog").get_by_text("The file has changed since.").wait_for()
    assert barriers(here.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_second_text(opened: Opener, scheme: str) -> None:
    """Is clean with each line that says what is wrong, and where a text of this browser is shown beside the file's."""
    here = opened(Desk("one\n", refuse=503), color_scheme=scheme, bypass_csp=True)
    here.caret("one")
    here.page.keyboard.type(" two")
    here.page.get_by_text("The server does not answer.").wait_for()
    assert barriers(here.page) == []

    here.desk.text, here.desk.session = "uno\n", "second"
    here.page.on("dialog", lambda dialog: dialog.accept())
    here.page.reload()
    here.page.get_by_role("button", name="Compare").wait_for()
    assert barriers(here.page) == []
    here.page.get_by_role("button", name="Compare").click()
    here.page.get_by_role("dialog").get_by_text("one two").wait_for()
    assert barriers(here.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_reads_only(opened: Opener, scheme: str) -> None:
    """Is clean in a second page, which may take over."""
    here = opened(Desk("one\n", writer=False), color_scheme=scheme, bypass_csp=True)
    here.page.get_by_role("button", name="Take over").wait_for()
    assert barriers(here.page) == []


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568), (640, 400)])
def test_a_narrow_window_has_everything(opened: Opener, width: int, height: int) -> None:
    """Needs no scrolling to the side, at 200 % zoom of a laptop's window either, and keeps the player in reach."""
    here = opened(example(), viewport={"width": width, "height": height})
    assert here.page.evaluate("document.documentElement.scrollWidth") <= width
    play = here.page.get_by_role("button", name="Play", exact=True).bounding_box()
    editor = here.page.locator("#editor").bounding_box()
    assert play is not None
    assert editor is not None
    assert play["y"] + play["height"] <= height
    assert editor["height"] >= 190


def test_text_from_right_to_left(opened: Opener) -> None:
    """Sets each line in its own direction, and the text in the one that the server says."""
    text = "**דנה**: שלום לכולם, this is a test.\n\nEnglish (again).\n"
    here = opened(Desk(text, state={"direction": "rtl", "language": "he"}))
    content = here.page.locator(".cm-content")
    assert (content.get_attribute("dir"), content.get_attribute("lang")) == ("rtl", "he")
    directions = here.page.evaluate(
        "[...document.querySelectorAll('.cm-line')].map(line => getComputedStyle(line).direction)"
    )
    assert directions[:3] == ["rtl", "ltr", "ltr"]
    assert here.page.evaluate("document.querySelector('.cm-content').cmTile.root.view.textDirectionAt(2)") == 1


def test_quoted_text_runs_in_its_own_direction(opened: Opener) -> None:
    """Sets what is quoted in the queue apart, so that its last sign stands at its own end."""
    quoted = "“שלום לכולם.”"
    desk = Desk("**דנה**: שלום לכולם.\n", state={"direction": "rtl", "language": "he"})
    one = item("not-found", f"Not heard: {quoted}", desk.text, 9, 21) | {"start": 1, "end": 2, "actions": []}
    desk.state["queue"] = {"version": 0, "items": [one]}
    here = opened(desk)
    place = here.page.locator("#queue bdi")
    assert place.text_content() == quoted
    assert place.evaluate("place => getComputedStyle(place).unicodeBidi") == "isolate"
    assert "Not heard: “שלום לכולם.”" in (here.page.locator("#queue .item-text").text_content() or "")


@pytest.mark.parametrize("width", [1280, 960])
def test_a_key_moves_nothing(opened: Opener, width: int) -> None:
    """Leaves the head as it is when the first key is typed and the page says that the file is behind."""
    here = opened(example(), viewport={"width": width, "height": 800})
    here.status("saved")
    before = here.page.locator("#editor").bounding_box()
    here.caret("migration first.")
    here.page.keyboard.type("x")
    here.status("kept")
    assert here.page.locator("#editor").bounding_box() == before


def test_what_is_not_found_differs_by_shape(opened: Opener) -> None:
    """Underlines what is not found and what is unsure in two ways, and gives each label a sign beside its colour."""
    here = opened(example())
    timing = {"version": 0, "from": 0, "to": 40, "words": [[0, 1, 10, 20, 1], [3, 6, None, None, 2]]}
    here.desk.send("timing", timing)
    here.page.locator("#editor .unsure").first.wait_for()
    styles = here.page.evaluate(
        """['#editor .unsure', '#editor .lost'].map(
            one => getComputedStyle(document.querySelector(one)).textDecorationStyle)"""
    )
    assert styles == ["dotted", "wavy"]
    assert here.page.locator(".label").first.get_attribute("data-sign") == "1"


def test_motion_is_reduced(opened: Opener) -> None:
    """Has no transition for people who want none."""
    here = opened(example(), reduced_motion="reduce")
    assert here.page.evaluate("getComputedStyle(document.getElementById('play')).transitionDuration") == "0s"
