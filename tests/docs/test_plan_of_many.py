"""The page that plans 100,000 episodes: its figures follow from the measured ones, and those are published."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "how-to" / "hundred-thousand-episodes.md").read_text(encoding="utf-8")
FIGURES = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/explanation/figures.md"))
EPISODES, HOUR_S = 100_000, 3_600
EXAMPLE_S = 296.5
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def table(name: str) -> dict[str, str]:
    """The rows of a table between its marks, without its head."""
    _, _, rest = PAGE.partition(f"<!-- {name} -->\n")
    rows = dict(ROW.findall(rest.partition(f"<!-- /{name} -->")[0]))
    del rows["what"]
    return rows


def measured(beginning: str) -> float:
    """The figure of the row that begins so."""
    (figure,) = (figure for what, figure in table("measured").items() if what.startswith(beginning))
    return float(figure.replace(",", ""))


def planned() -> dict[str, str]:
    """What follows for 100,000 hours, as the page writes it."""
    of_an_episode = sum(map(measured, ("listening", "the second look", "diarization"))) * HOUR_S
    in_all_h = of_an_episode * EPISODES / HOUR_S
    hours = EPISODES * HOUR_S / EXAMPLE_S
    core_hours = round(2 * in_all_h, -2)
    stored = sum(measured(f"in the store: {what}") for what in ("what was", "the same", "what the"))
    return {
        "work for an episode, on one worker": f"{of_an_episode:.0f} s",
        "work in all": f"{core_hours:,.0f} core-hours",
        "one worker": f"{in_all_h / 24:.0f} days",
        "8 workers, a machine of 16 cores": f"{in_all_h / 24 / 8:.0f} days",
        "64 workers": f"{in_all_h / 24 / 64:.1f} days",
        "500 workers": f"{in_all_h / 24 / 500:.1f} days",
        "at 0.04 a core-hour (put your own price in its place)": f"{0.04 * core_hours:.0f}",
        "the store": f"{stored * hours / 1e9:.0f} GB",
        "results": f"{measured('results') * hours / 1e9:.0f} GB",
        "audio to be read, as mp3 of 128 kbit/s": f"{128_000 / 8 * HOUR_S * EPISODES / 1e9:,.0f} GB",
        "the ledger": f"{measured('the ledger') * EPISODES / 1e6:.0f} MB",
    }


def test_the_plan_follows_from_what_was_measured() -> None:
    """Has in its plan what its measured figures give."""
    assert table("planned") == planned()


def test_the_measured_figures_are_the_published_ones() -> None:
    """Says the same speed and memory as the page of figures does."""
    figures = dict(ROW.findall(FIGURES))

    assert figures["listening, seconds of work for each second of audio"] == (
        f"{measured('listening')}, and {measured('the second look')} for the second look"
    )
    assert figures["diarization, the same way"] == (
        f"{measured('diarization')}, and {measured('loading')} s for loading in all"
    )
    assert figures["peak memory"] == f"{measured('peak')} GB"
