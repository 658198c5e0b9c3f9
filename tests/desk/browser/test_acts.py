"""Queue, speakers, keys and settings: each act by key and by button."""

from __future__ import annotations

import re

import pytest

from tests.desk.browser.canned_server import Desk
from tests.desk.browser.conftest import Opened, Opener
from tests.desk.browser.example_desk import example

pytestmark = pytest.mark.xdist_group("browser")

NAMES = ("Hannah Weir", "Oskar Lind", "Priya Nand", "Miles Okoro")


def moment(here: Opened) -> float:
    """Where the sound is, in seconds."""
    return float(here.page.evaluate("document.getElementById('sound').currentTime"))


def asked(here: Opened) -> list[dict[str, object]]:
    """The commands that the server got, without their versions."""
    return [{key: value for key, value in one.items() if key != "version"} for one in here.desk.commands]


def test_the_queue_by_keys(opened: Opener) -> None:
    """Goes through the queue by F8, plays each place, and does what is offered by a digit."""
    here = opened(example())
    here.caret("## Introduction")
    here.page.keyboard.press("F8")
    here.page.wait_for_function("() => document.getElementById('sound').currentTime > 140")
    focused = here.page.locator("#queue > li:focus")
    assert "The voice is Miles Okoro's" in (focused.text_content() or "")
    selected = here.page.evaluate("document.querySelector('.cm-content').cmTile.root.view.state.selection.main.empty")
    assert selected is False

    here.page.keyboard.press("F8")
    assert "Oscar Lind" in (focused.text_content() or "")
    here.page.keyboard.press("Shift+F8")
    here.page.keyboard.press("1")
    here.page.locator("#announcements", has_text="Done").wait_for()
    first = here.desk.full_state()["queue"]["items"][0]  # type: ignore[index]
    assert asked(here) == [{"name": "act", "item": first["id"], "action": "take-name"}]


def test_from_the_queue_to_the_text(opened: Opener) -> None:
    """Goes by Enter from an item to its place, and by Ctrl+F from the queue to the search."""
    here = opened(example())
    here.page.keyboard.press("F8")
    here.page.keyboard.press("Enter")
    assert here.page.locator(".cm-content:focus").count() == 1
    here.page.keyboard.press("F8")
    here.page.keyboard.press("Control+f")
    assert here.page.locator(".cm-search input[name=search]:focus").count() == 1


def test_an_act_changes_the_text_as_one_step(opened: Opener) -> None:
    """Makes the server's changes in the text, sends them as any other, and undo takes them back."""
    desk = Desk("**Oscar**: hi\n**Oscar**: ho.\n")
    desk.answers["rename"] = {"changes": [2, [5, "Oskar"], 9, [5, "Oskar"], 8], "select": None}
    desk.state = {"speakers": {"speakers": [{"name": "Oscar", "sample": None, "seconds": 3}]}}
    here = opened(desk)
    here.caret("hi")
    here.page.get_by_role("button", name="rename", exact=True).click()
    here.page.get_by_label("New name, everywhere").fill("Oskar")
    here.page.keyboard.press("Enter")
    here.page.locator(".cm-line", has_text="**Oskar**: hi").wait_for()
    here.status("kept")
    assert desk.text == "**Oskar**: hi\n**Oskar**: ho.\n"
    assert asked(here) == [{"name": "rename", "from": "Oscar", "to": "Oskar"}]

    here.page.keyboard.press("Control+z")
    here.page.locator(".cm-line", has_text="**Oscar**: hi").wait_for()
    here.status("kept")
    assert desk.text == "**Oscar**: hi\n**Oscar**: ho.\n"


@pytest.mark.parametrize("opens", ["F2", "Control+e", "button"])
def test_a_turn_is_given_to_a_speaker(opened: Opener, opens: str) -> None:
    """Opens the list by two keys and a button, shows whose turn it is, and takes a digit."""
    here = opened(example())
    here.caret("Neither did")
    if opens == "button":
        here.page.get_by_role("button", name="speaker", exact=True).click()
    else:
        here.page.keyboard.press(opens)
    dialog = here.page.get_by_role("dialog", name="Who speaks in this turn?")
    dialog.wait_for()
    assert here.page.locator("dialog .pick").all_text_contents() == [f"{n}{name}" for n, name in enumerate(NAMES, 1)]
    assert dialog.locator("[aria-current]").text_content() == "2Oskar Lind"

    here.page.keyboard.press("3")
    dialog.wait_for(state="detached")
    here.page.wait_for_function("() => document.activeElement.closest('.cm-content') !== null")
    here.until(lambda: len(asked(here)) == 1)
    assert asked(here) == [{"name": "speaker", "at": here.head, "to": "Priya Nand"}]


def test_a_new_name_is_typed_once(opened: Opener) -> None:
    """Takes a name that is not in the list, after a sample was heard."""
    here = opened(example())
    here.caret("Neither did")
    here.page.keyboard.press("F2")
    here.page.get_by_role("dialog").get_by_role("button", name="Hear Miles Okoro").click()
    here.page.wait_for_function("() => document.getElementById('sound').currentTime >= 3")
    here.page.keyboard.press("n")
    here.page.keyboard.type("Wilhelmina <b>Brandt")
    here.page.keyboard.press("Enter")
    here.page.get_by_role("dialog").wait_for(state="detached")
    here.until(lambda: len(asked(here)) == 1)
    assert [one["to"] for one in asked(here)] == ["Wilhelmina <b>Brandt"]


def test_a_turn_is_split_and_joined(opened: Opener) -> None:
    """Splits at the caret, with a name or none, and joins a turn to the one before."""
    here = opened(example())
    here.caret("Neither did")
    here.page.get_by_role("button", name="split", exact=True).click()
    here.page.get_by_role("button", name="Leave the name open").click()
    here.page.get_by_role("button", name="join", exact=True).click()
    here.until(lambda: len(asked(here)) == 2)
    assert asked(here) == [
        {"name": "split", "at": here.head, "to": None},
        {"name": "merge", "at": here.head},
    ]


def test_a_word_is_heard(opened: Opener) -> None:
    """Plays from the word at the caret by key, and from a word that is clicked with Ctrl."""
    here = opened(example())
    truth = {one.text: one.start / 1000 for one in here.desk.spoken if one.text in {"disk.", "biscuits,"}}
    here.caret("Neither did the di")
    here.page.keyboard.press("Control+Enter")
    here.page.get_by_role("button", name="Pause").wait_for()
    assert moment(here) == pytest.approx(truth["disk."], abs=1)

    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Play", exact=True).wait_for()
    here.caret("And I brought")
    here.page.locator(".cm-line", has_text="And I brought").click(modifiers=["Control"], position={"x": 5, "y": 5})
    here.page.get_by_role("button", name="Pause").wait_for()
    assert abs(moment(here) - truth["biscuits,"]) < 5


def test_the_spoken_word_is_lit(opened: Opener) -> None:
    """Lights the word that is said, keeps it in view, and brings the caret there by a key."""
    here = opened(example())
    disk = next(one for one in here.desk.spoken if one.text == "disk.")
    here.page.evaluate("time => { document.getElementById('sound').currentTime = time }", disk.start / 1000 + 0.05)
    here.page.get_by_role("button", name="caret to sound").click()
    here.page.locator(".spoken:not(.legend *)", has_text=re.compile("^disk$")).wait_for()
    assert here.text[here.head :].startswith("disk.")


def test_keys_are_changed(opened: Opener) -> None:
    """Lists all keys, takes another one for an act, keeps it in the browser, and refuses a letter alone."""
    here = opened(example())
    here.page.keyboard.press("Control+/")
    dialog = here.page.get_by_role("dialog", name="Keys")
    dialog.get_by_role("button", name="Change the key of: Next in the queue").click()
    here.page.keyboard.press("x")
    dialog.get_by_text("A sign alone belongs to the text.").wait_for()
    here.page.keyboard.press("Control+F8")
    assert "Ctrl" in (dialog.get_by_role("row", name="Next in the queue").text_content() or "")
    here.page.keyboard.press("Escape")
    here.enter()
    here.page.keyboard.press("F8")
    assert here.page.locator("#queue > li:focus").count() == 0
    here.page.keyboard.press("Control+F8")
    assert here.page.locator("#queue > li:focus").count() == 1


def test_the_keys_are_those_that_are_promised(opened: Opener) -> None:
    """Shows for each act of the table its keys."""
    here = opened(example())
    here.page.keyboard.press("Control+/")
    rows = here.page.get_by_role("dialog").locator("tbody tr")
    shown = {row.locator("th").text_content() or "": row.locator("kbd").all_text_contents() for row in rows.all()}
    assert shown["Play, pause"] == ["F4", "Ctrl+J", "K"]
    assert shown["Play, pause, where nothing is open or selected"] == ["Esc"]
    assert shown["Take the grey word"] == ["Tab"]
    assert shown["Take the grey sentence"] == ["Alt+Enter"]
    assert shown["Take the grey turn"] == ["Alt+Shift+Enter"]
    assert shown["Hear the word at the caret"] == ["Ctrl+Enter"]
    assert shown["Speaker of this turn"] == ["F2", "Ctrl+E"]
    assert shown["Next in the queue"] == ["F8"]
    assert shown["Previous in the queue"] == ["Shift+F8"]
    assert shown["Caret to what plays"] == ["F9", "Ctrl+Shift+L"]
    assert shown["Save"] == ["Ctrl+S"]
    assert shown["All keys"] == ["Ctrl+/", "?"]


def test_escape_belongs_to_what_is_open(opened: Opener) -> None:
    """Closes the search and the selection first, and plays only then."""
    here = opened(example())
    here.caret("Neither did")
    here.page.keyboard.press("Control+f")
    here.page.locator(".cm-search").wait_for()
    here.page.keyboard.press("Escape")
    here.page.locator(".cm-search").wait_for(state="detached")
    here.caret("Neither did")
    here.page.keyboard.press("Shift+ArrowLeft")
    here.page.keyboard.press("Escape")
    assert here.page.get_by_role("button", name="Play", exact=True).count() == 1
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Pause").wait_for()


def test_a_selection_is_looped(opened: Opener) -> None:
    """Plays what is selected again and again, until the loop is ended."""
    here = opened(example())
    here.caret("Neither")
    here.page.keyboard.press("Shift+End")
    loop = here.page.get_by_role("button", name="loop")
    loop.click()
    words = [one for one in here.desk.spoken if one.text in {"Neither", "disk."}]
    start, end = words[0].start / 1000, words[1].end / 1000
    for _ in range(2):
        here.until(lambda: moment(here) > (start + end) / 2)
        assert moment(here) <= end + 0.5
        here.until(lambda: moment(here) < (start + end) / 2)
        assert moment(here) >= start - 0.5
    assert loop.get_attribute("aria-pressed") == "true"

    loop.click()
    here.until(lambda: moment(here) > end + 0.5)


def test_a_refused_play_shows_a_button(opened: Opener) -> None:
    """Shows a button where the browser does not let the sound begin."""
    here = opened(example())
    here.page.evaluate(
        """() => {
            const play = HTMLMediaElement.prototype.play;
            HTMLMediaElement.prototype.play = function () {
                HTMLMediaElement.prototype.play = play;
                return Promise.reject(new DOMException('no', 'NotAllowedError'));
            };
        }"""
    )
    here.page.keyboard.press("F4")
    here.page.locator("#notices").get_by_role("button", name="Play").click()
    here.page.get_by_role("button", name="Pause").wait_for()
    assert here.page.locator("#notices").get_by_role("button", name="Play").count() == 0


def test_settings_are_kept(opened: Opener) -> None:
    """Keeps speed and settings for the next time; the pitch stays."""
    here = opened(example())
    here.page.get_by_label("Speed").select_option("1.5")
    here.page.get_by_role("button", name="Settings").click()
    here.page.get_by_label("Pause while I type").uncheck()
    here.page.get_by_role("button", name="Done").click()
    here.enter()
    rate = here.page.evaluate(
        "[document.getElementById('sound').playbackRate, document.getElementById('sound').preservesPitch]"
    )
    assert rate == [1.5, True]
    here.page.keyboard.press("F4")
    here.page.get_by_role("button", name="Pause").wait_for()
    here.caret("Neither did")
    here.page.keyboard.type("x")
    here.status("kept")
    assert here.page.get_by_role("button", name="Pause").count() == 1
