"""Nothing that was typed is lost: the server away, started again, out of space, or another page writing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.browser.canned_server import CannedServer, Desk
from tests.desk.browser.conftest import Opener

pytestmark = pytest.mark.xdist_group("browser")


def test_a_server_that_is_away_gets_it_later(opened: Opener) -> None:
    """Says that nothing is saved, keeps it, and sends it when the server accepts again."""
    here = opened(Desk("one\n", refuse=503))
    here.caret("one")
    here.page.keyboard.type(" two")
    here.page.get_by_text("The server does not answer.").wait_for()
    here.status("pending")
    here.page.keyboard.type(" three")
    here.desk.refuse = None
    here.status("kept")
    assert here.desk.text == here.text == "one two three\n"
    assert here.page.evaluate("Object.keys(localStorage).filter(key => key.includes('unconfirmed'))") == []


def test_an_answer_that_is_lost_is_no_second_change(opened: Opener) -> None:
    """Takes the refusal of a version that the server has already as the answer."""
    here = opened(Desk("one\n", lose_answers=True))
    here.caret("one")
    here.page.keyboard.type("!")
    here.page.get_by_text("The server does not answer.").wait_for()
    here.desk.lose_answers = False
    here.status("kept")
    assert here.desk.text == here.text == "one!\n"
    assert here.desk.version == 1


def test_a_full_disk_is_said(opened: Opener) -> None:
    """Says that the disk is full, and saves when there is room."""
    here = opened(Desk("one\n", refuse=507))
    here.caret("one")
    here.page.keyboard.type(" two")
    here.page.get_by_text("The disk is full").wait_for()
    here.desk.refuse = None
    here.status("kept")
    assert here.page.get_by_text("The disk is full").count() == 0
    assert here.desk.text == "one two\n"


def test_a_page_that_was_closed_has_it_still(opened: Opener) -> None:
    """Replays from the browser's store what the server never got."""
    here = opened(Desk("one 𝄞\n", refuse=503))
    here.caret("one 𝄞")
    here.page.keyboard.type(" two")
    here.page.get_by_text("The server does not answer.").wait_for()
    here.page.close(run_before_unload=False)
    here.desk.refuse = None
    page = here.context.new_page()
    page.goto(here.server.address)
    page.get_by_text("is in the text again").wait_for()
    replace(here, page=page).until(lambda: here.desk.text == "one 𝄞 two\n")
    page.locator("#status[data-state=kept]").wait_for()


def test_a_server_that_was_started_anew_gets_it(opened: Opener) -> None:
    """Continues in the new session by a button, with what the old one had not confirmed."""
    here = opened(Desk("one\n"))
    here.caret("one")
    here.page.keyboard.type(" two")
    here.status("kept")
    here.desk.refuse = 503
    here.page.keyboard.type(" three")
    here.status("pending")
    port = here.server.http.server_address[1]
    here.server.__exit__()
    new = Desk("one two\n", session="second")
    with CannedServer(new, port):
        here.page.get_by_role("button", name="Continue in the new session").click(timeout=20_000)
        here.page.get_by_text("is in the text again").wait_for()
        here.until(lambda: new.text == here.text)
        here.page.locator("#status[data-state=kept]").wait_for()
        assert new.text == "one two three\n"


def test_another_text_is_shown_beside(opened: Opener) -> None:
    """Where the file changed since, a person decides: both texts are shown."""
    here = opened(Desk("one\n", refuse=503))
    here.caret("one")
    here.page.keyboard.type(" two")
    here.page.get_by_text("The server does not answer.").wait_for()
    here.desk.text, here.desk.session = "uno\n", "second"  # still refusing, or the old page might write into it
    here.page.on("dialog", lambda dialog: dialog.accept())
    here.page.reload()
    here.page.get_by_role("button", name="Compare").click()
    here.desk.refuse = None
    here.page.get_by_role("dialog").get_by_text("one two").wait_for()
    here.page.get_by_role("button", name="Take this from the left").click()
    here.page.get_by_role("button", name="Take the text on the right").click()
    here.status("kept")
    assert here.desk.text == here.text == "one two\n"


def test_a_second_page_reads_only(opened: Opener) -> None:
    """Lets nothing be typed until it takes over."""
    here = opened(Desk("one\n", writer=False))
    here.caret("one")
    here.page.keyboard.type(" two")
    assert here.text == "one\n"

    here.page.get_by_role("button", name="Take over").click()
    here.page.locator("body.ready:not(.reads-only)").wait_for()
    here.caret("one")
    here.page.keyboard.type(" two")
    here.status("kept")
    assert here.desk.text == "one two\n"


def test_a_page_that_reads_follows_the_other(opened: Opener) -> None:
    """Shows what another page types, with its times, and keeps nothing of it as its own."""
    here = opened(Desk("one\n", writer=False))
    here.desk.text, here.desk.version = "one two\n", 3
    here.desk.send("timing", {"version": 3, "from": 0, "to": 8, "words": []})
    here.page.locator(".cm-line", has_text="one two").wait_for()
    here.page.locator("#editor .lost", has_text="one two").wait_for()
    here.page.evaluate(
        "dispatchEvent(new Event('pagehide'))"
    )  # the page keeps at once what it would keep some time later
    assert here.page.evaluate("Object.keys(localStorage).filter(key => key.includes('unconfirmed'))") == []
    assert "POST /api/updates" not in here.desk.requests


def test_a_page_that_lost_the_file_says_so(opened: Opener) -> None:
    """Reads only as soon as another page took over."""
    here = opened(Desk("one\n"))
    here.desk.send("file", {"state": "taken-over"})
    here.page.get_by_text("This page reads only").wait_for()
    here.caret("one")
    here.page.keyboard.type(" two")
    assert here.text == "one\n"


@pytest.mark.parametrize(("choice", "text"), [("Restore them", "one two\n"), ("Discard them", "one\n")])
def test_what_was_not_saved_is_offered(opened: Opener, choice: str, text: str) -> None:
    """Asks at the start what to do with the journal of an earlier session."""
    recovery = {"changes": 3, "last": "2026-01-02T03:04:05Z", "same_file": False}
    here = opened(Desk("one\n", state={"recovery": recovery}, recovered="one two\n"), ready=False)
    here.page.goto(here.server.address)
    here.page.get_by_role("dialog").get_by_text("The file has changed since.").wait_for()
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name=choice).click()
    here.page.locator("body.ready").wait_for()
    assert here.text == text


def test_a_file_that_changed_is_not_overwritten(opened: Opener) -> None:
    """Shows both texts at saving, and saves what the person made of them."""
    here = opened(Desk("one\ntwo\n", disk="one\n2\n"))
    here.caret("two")
    here.page.keyboard.type("!")
    here.page.keyboard.press("Control+s")
    dialog = here.page.get_by_role("dialog", name="The file changed on the disk")
    dialog.wait_for()
    assert here.desk.saved is None

    dialog.get_by_label("Here").click()
    here.page.keyboard.press("Control+End")
    here.page.keyboard.type("three\n")
    dialog.get_by_role("button", name="Save the text on the right").click()
    here.status("saved")
    assert here.desk.saved == here.text == "one\ntwo!\nthree\n"
