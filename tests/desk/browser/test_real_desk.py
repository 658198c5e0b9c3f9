"""The real command with the real page: the example episode is typed, corrected, saved; nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.desk.browser.conftest import STATE
from tests.desk.serving.running_desk import running_desk
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT

pytestmark = pytest.mark.xdist_group("browser")

SHOW = ("show.mp3", "show.md", "--no-voices", "--no-browser")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example episode."""
    return show_folder(tmp_path)


def show_folder(place: Path) -> Path:
    """Make a folder with the example episode, with CR LF at the ends of its lines."""
    folder = place / "show"
    folder.mkdir()
    shutil.copy(AUDIO, folder / "show.mp3")
    (folder / "show.md").write_bytes(TRANSCRIPT.read_bytes().replace(b"\n", b"\r\n"))
    return folder


def open_page(browser: Browser, address: str) -> tuple[Page, list[str]]:
    """The page, and what went wrong in it."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.locator("body.ready").wait_for()
    return page, complaints


def wait_until_kept(page: Page) -> None:
    """Wait until all is in the server's journal, and the page says so."""
    page.wait_for_function(
        f"""async () => {{
            const asked = performance.getEntriesByType('resource').find(one => one.name.includes('/api/state'));
            const state = await (await fetch(asked.name)).json();
            return state.text === {STATE}.doc.toString();
        }}""",
        polling=100,
    )
    page.locator("#status[data-state=kept]").wait_for()


def put_caret(page: Page, behind: str) -> None:
    """Put the caret behind the last place of a text."""
    page.evaluate(
        """behind => {
            const view = document.querySelector('.cm-content').cmTile.root.view;
            const anchor = view.state.doc.toString().lastIndexOf(behind) + behind.length;
            view.focus();
            view.dispatch({ selection: { anchor }, scrollIntoView: true });
        }""",
        behind,
    )


def test_an_episode_is_typed_heard_and_saved(browser: Browser, folder: Path, own_home: Path) -> None:
    """Takes what is said next, hears a word, saves: untouched lines keep their bytes, and the desk ends with 0."""
    before = (folder / "show.md").read_bytes()
    with running_desk(folder, *SHOW) as desk:
        page, complaints = open_page(browser, desk.address())
        page.locator("#note", has_text="Typed up to").wait_for()
        put_caret(page, "migration first.")
        suggested = (page.locator(".grey-text").text_content() or "").removesuffix(" …")
        page.keyboard.press("Shift+Alt+Enter")
        wait_until_kept(page)
        put_caret(page, "Put the kettle")
        page.keyboard.press("Control+Enter")
        page.wait_for_function("() => document.getElementById('sound').currentTime > 9")
        page.keyboard.press("Control+s")
        page.locator("#status[data-state=saved]").wait_for()
        text = str(page.evaluate(f"{STATE}.doc.toString()"))
        page.context.close()
        assert (desk.interrupt(), complaints) == (0, [])

    after = (folder / "show.md").read_bytes()
    assert after.decode() == text.replace("\n", "\r\n")
    first, _, _ = before.partition(b"migration first.")
    assert after.startswith(first)
    assert ("migration first." + suggested).replace("\n", "\r\n").encode() in after
    assert suggested.startswith(" The migration right. So, we moved the forum")
    assert own_home.is_dir()


def test_a_second_tab_reads_only_until_it_takes_over(browser: Browser, folder: Path) -> None:
    """Lets one page write: the second one says so, and takes over by a button."""
    with running_desk(folder, *SHOW) as desk:
        page, _ = open_page(browser, desk.address())
        other = page.context.new_page()
        other.goto(page.url)
        other.get_by_role("button", name="Take over").click()
        page.get_by_text("This page reads only").wait_for()
        other.locator("body.ready:not(.reads-only)").wait_for()
        put_caret(other, "migration first.")
        other.keyboard.type("!")
        wait_until_kept(other)
        page.context.close()
        assert desk.interrupt() == 130


def test_a_page_that_is_loaded_again_still_writes(browser: Browser, folder: Path) -> None:
    """Keeps the right to write, and the text with what was typed."""
    with running_desk(folder, *SHOW) as desk:
        page, _ = open_page(browser, desk.address())
        put_caret(page, "migration first.")
        page.keyboard.type("!")
        wait_until_kept(page)
        page.reload()
        page.locator("body.ready:not(.reads-only)").wait_for()
        assert "migration first.!" in page.evaluate(f"{STATE}.doc.toString()")
        page.context.close()


def test_what_was_killed_is_offered_and_restored(browser: Browser, folder: Path) -> None:
    """After kill -9 of the server the next desk is on the same port, and has what was typed."""
    with running_desk(folder, *SHOW) as desk:
        page, _ = open_page(browser, desk.address())
        put_caret(page, "migration first.")
        page.keyboard.type(" One")
        wait_until_kept(page)
        desk.process.kill()
        page.keyboard.type(" two")
        page.locator("#status[data-state=pending]").wait_for()
        page.get_by_text("The server does not answer.").wait_for()
        with running_desk(folder, *SHOW) as again:
            page.on("dialog", lambda dialog: dialog.accept())
            page.goto(again.address())
            page.reload()
            page.get_by_role("button", name="Restore them").click()
            page.get_by_text("is in the text again").wait_for()
            wait_until_kept(page)
            assert "migration first. One two" in page.evaluate(f"{STATE}.doc.toString()")
            page.keyboard.press("Control+s")
            page.locator("#status[data-state=saved]").wait_for()
            page.context.close()
            assert again.interrupt() == 0
    assert b"migration first. One two" in (folder / "show.md").read_bytes()
