"""The page is for everybody: narrow, dark, with the keyboard, without its script; and strangers' text stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browsers import barriers
from tests.published.conftest import NAME, Opener

pytestmark = pytest.mark.xdist_group("browser")

SCRIPT = "<script>document.title='owned'</script>"
ESCAPED = "&lt;script&gt;document.title='owned'&lt;/script&gt;"
"""The same as HTML in Markdown writes it, so that it is read as text and not left out as a tag."""
HOSTILE = f"</p></script>{SCRIPT}<img src=x onerror=\"document.title='owned'\">{ESCAPED} {{{{ 7 * 7 }}}}"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SPEAKERS = ["Hannah Weir", "Oskar Lind", "Priya Nand", "Miles Okoro"]


def test_the_text_is_searched(opened: Opener, example: Path) -> None:
    """Finds paragraphs in any case, counts them, goes through them by keys and buttons, and back to the first."""
    here = opened(example)
    field, count = here.page.get_by_label("Find"), here.page.locator("#matches")
    field.fill("Build")
    texts = [text.lower() for text in here.page.locator("main p").all_text_contents()]
    number = sum("build" in text for text in texts)
    assert number >= 2
    assert count.text_content() == str(number)
    assert here.page.locator(".match").count() == number

    field.press("Enter")
    assert count.text_content() == f"1 of {number}"
    field.press("Enter")
    assert count.text_content() == f"2 of {number}"
    current = here.page.locator(".match.current")
    assert "build" in (current.text_content() or "").lower()
    assert here.is_in_view(current)
    here.page.get_by_role("button", name="Previous").click()
    field.press("Shift+Enter")
    assert count.text_content() == f"{number} of {number}"
    here.page.get_by_role("button", name="Next").click()
    assert count.text_content() == f"1 of {number}"


def test_what_is_not_there_is_not_found(opened: Opener, example: Path) -> None:
    """Says so, and nothing when the field is empty again; signs are no pattern."""
    here = opened(example)
    field, count = here.page.get_by_label("Find"), here.page.locator("#matches")
    for text, said in ((".*", "nothing found"), ("zzz", "nothing found"), ("", "")):
        field.fill(text)
        assert count.text_content() == said
        field.press("Enter")
        here.page.get_by_role("button", name="Next").click()
        assert here.page.locator(".match").count() == 0


def test_speakers_differ(opened: Opener, example: Path) -> None:
    """Names the speaker of each turn, in a colour of its own, beside which the list has the name."""
    here = opened(example)
    listed = here.page.locator(".speakers li")
    assert listed.all_text_contents()[:4] == SPEAKERS
    names = {name.removesuffix(":") for name in here.page.locator("cite").all_text_contents()}
    assert names == set(listed.all_text_contents())
    colours: list[list[str]] = here.page.evaluate(
        "[...document.querySelectorAll('cite')].map(one => [one.textContent, getComputedStyle(one).color])"
    )
    by_name = {name: {colour for other, colour in colours if other == name} for name, _ in colours}
    assert [len(one) for one in by_name.values()] == [1] * len(by_name)
    assert len({next(iter(one)) for one in by_name.values()}) == len(by_name)


def test_sections_lead_to_their_places(opened: Opener, example: Path) -> None:
    """Lists the sections; a link brings its heading below the player and plays nothing."""
    here = opened(example)
    here.page.get_by_text("Sections").click()
    link = here.page.locator(".contents a").nth(1)
    heading = here.page.locator("h2").nth(1)
    assert link.text_content() == heading.text_content()

    link.click()
    here.page.wait_for_function("() => scrollY > 100")
    assert here.is_in_view(heading)
    assert here.page.evaluate("document.getElementById('audio').paused")


@pytest.mark.parametrize("width", [360, 320])
def test_a_phone_needs_no_scrolling_to_the_side(
    opened: Opener, example: Path, page_of: Callable[[str], Path], width: int
) -> None:
    """Fits with the longest words and names, and keeps the player in view."""
    long = page_of(
        f"# {LONG}\n\n## {LONG}\n\n**{LONG}**: {LONG} {LONG * 4}\n\n**Bo**: https://example.org/{'a' * 300}\n"
    )
    for path in (example, long):
        here = opened(path, viewport={"width": width, "height": 640}, is_mobile=True, has_touch=True)
        assert here.page.evaluate("document.documentElement.scrollWidth") <= width
        here.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        box = here.page.locator("audio").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 60


def test_a_tap_plays_a_word(opened: Opener, example: Path) -> None:
    """Plays the word under a finger too."""
    here = opened(example, viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    here.page.locator("[data-t]").nth(40).tap()
    here.plays()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(opened: Opener, example: Path, scheme: str, width: int) -> None:
    """Is clean as it opens, and with a spoken word, a found place and the list of sections."""
    size = {"width": width, "height": 800}
    here = opened(example, color_scheme=scheme, viewport=size, bypass_csp=True)
    assert barriers(here.page) == []

    here.sound_is_there()
    here.seek(60)
    here.lit.wait_for()
    here.page.get_by_text("Sections").click()
    here.page.get_by_label("Find").fill("the")
    here.page.get_by_label("Find").press("Enter")
    assert barriers(here.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_other_texts(opened: Opener, page_of: Callable[[str], Path], scheme: str) -> None:
    """Is clean without labels, and with more speakers than there are colours."""
    many = "\n\n".join(f"**Speaker {number}**: This is number {number}." for number in range(10))
    for source in ("Only a text.\n", f"# Ten\n\n{many}\n"):
        here = opened(page_of(source), color_scheme=scheme, bypass_csp=True)
        assert barriers(here.page) == []


def test_without_its_script_the_page_is_whole(opened: Opener, example: Path) -> None:
    """Has speakers, times, text and a player; what needs the script is not there."""
    here = opened(example, java_script_enabled=False)
    for tag in ("cite", "time", "p"):
        assert here.page.locator(f"main {tag}").first.is_visible()
    assert "Put the kettle" in (here.page.locator("main").text_content() or "")
    assert here.page.locator("audio[controls]").is_visible()
    assert not here.page.locator("#tools").is_visible()
    durations = [one.get_attribute("datetime") or "" for one in here.page.locator("time").all()[:5]]
    assert [one for one in durations if not re.fullmatch(r"PT\d+S", one)] == []


def test_nothing_becomes_markup(opened: Opener, page_of: Callable[[str], Path]) -> None:
    """Shows markup in titles, names and text as it is written."""
    name = "**Al &lt;img src=x&gt;**"
    here = opened(page_of(f"# T {HOSTILE}\n\n## S {HOSTILE}\n\n{name}: {HOSTILE}\n\n{name}: {HOSTILE}\n"))
    here.page.get_by_label("Find").fill(SCRIPT)
    assert here.page.locator("#matches").text_content() == "2"
    assert SCRIPT in here.page.title()
    assert here.page.locator("img").count() == 0
    assert here.page.locator("script").count() == 1
    assert here.page.locator("cite").all_text_contents() == ["Al <img src=x>:"] * 2
    for place in ("h1", "h2", "main p"):
        assert SCRIPT in (here.page.locator(place).first.text_content() or "")


def test_the_policy_is_in_force(opened: Opener, example: Path) -> None:
    """Refuses another script and a request, as a check of the tests above."""
    here = opened(example)
    here.page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = "document.title = 'owned'";
            document.body.append(script);
            return fetch('https://example.org/').catch(() => null);
        }"""
    )
    assert here.page.title() != "owned"
    assert [one for one in here.complaints if "inline script" in one]
    assert [one for one in here.complaints if "example.org" in one]
    here.complaints.clear()


def test_it_asks_for_its_sound_alone(opened: Opener, example: Path) -> None:
    """Asks no other machine, and its own for nothing but the page and the sound."""
    here = opened(example, "#t=1:00")
    here.sound_is_there()
    here.page.locator("[data-t]").nth(30).click()
    here.plays()
    here.page.get_by_label("Find").fill("the")
    here.page.reload()
    here.sound_is_there()
    assert {url.rpartition("/")[2] for url in here.requests} == {f"{NAME}.html", f"{NAME}.mp3"}
    assert {url.partition("/" + NAME)[0] for url in here.requests} == {example.parent.as_uri()}
