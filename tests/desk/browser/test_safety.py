"""Text of strangers stays text, and the page asks its own server and nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.desk.browser.canned_server import Desk
from tests.desk.browser.conftest import Opener
from tests.desk.browser.example_desk import example, item

pytestmark = pytest.mark.xdist_group("browser")

MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def test_no_request_leaves_the_machine(opened: Opener) -> None:
    """Asks only the server that it came from, for what the server has."""
    here = opened(Desk("one\n"), ready=False)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    here.enter()
    here.page.keyboard.press("F4")
    here.page.get_by_role("button", name="Pause").wait_for()

    own = urlsplit(here.server.address).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {own}
    paths = {urlsplit(url).path for url in asked if not url.startswith("data:")}
    assert paths == {
        *("/", "/static/desk.js", "/static/desk.css", "/audio.wav"),
        *(f"/api/{name}" for name in ("enter", "state", "events", "peaks", "caret")),
    }


def test_the_token_is_taken_out_of_the_address(opened: Opener) -> None:
    """Shows no token after the page was entered, also not in the history."""
    here = opened(Desk("one\n"))
    assert "#" not in here.page.url
    assert here.desk.requests[:4][-1] != "GET /#token=once"
    assert here.page.evaluate("history.length") <= 2


def test_nothing_becomes_markup(opened: Opener) -> None:
    """Shows markup in the text, in names, in the queue, in the grey text and in file names as it is written."""
    desk = example()
    desk.state["speakers"] = {"speakers": [{"name": MARKUP, "sample": [0, 900], "seconds": 1}]}
    desk.state["queue"] = {
        "version": 0,
        "items": [
            item(MARKUP, MARKUP, desk.text, 0, 5)
            | {"start": 1, "end": 2, "actions": [{"id": MARKUP, "title": MARKUP}]},
        ],
    }
    desk.state["file"] = {"name": MARKUP, "path": MARKUP}
    desk.state["note"] = {"text": MARKUP, "at": 1, "complete": False}
    desk.state["hearing"] = {"stage": "", "done": 1, "total": 1, "heard": [], "finished": False, "failed": MARKUP}
    desk.text = f"{MARKUP}\n{desk.text}"
    here = opened(desk)
    here.page.keyboard.press("F8")
    here.page.keyboard.press("F2")
    here.page.get_by_role("dialog").wait_for()
    assert here.page.title() == f"{MARKUP} – cuemark desk"
    assert here.page.locator("img, script:not([src])").count() == 0
    for place in ("#file-name", "#hearing-text", "#speakers .name", "#queue .item-text", "dialog .pick"):
        assert MARKUP in (here.page.locator(place).text_content() or "")


def test_the_policy_is_in_force(opened: Opener) -> None:
    """Refuses an inline script, as a check of the tests above."""
    here = opened(Desk("one\n"))
    here.page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = "document.title = 'owned'";
            document.body.append(script);
        }"""
    )
    here.until(lambda: any("inline script" in one for one in here.complaints))
    assert here.page.title() == "talk.md – cuemark desk"
    here.complaints.clear()
