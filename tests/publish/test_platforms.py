"""The table of platforms is whole."""

from __future__ import annotations

import pytest

from pipeline.publish.platforms import FORMAT_RULES, PLATFORMS, rules_of
from pipeline.writing.presets import PRESETS

LIMITS = {"line-width", "line-count", "too-short", "too-long", "gap", "reading-speed"}


@pytest.mark.parametrize("name", PLATFORMS)
def test_row(name: str) -> None:
    """Each row has sources and formats; its limits are those of a preset that exists."""
    platform = PLATFORMS[name]

    assert platform.takes
    assert platform.source
    assert all(rule.source and rule.forms for rule in platform.rules)
    assert platform.preset is None or platform.preset in PRESETS
    assert platform.preset or not LIMITS & {rule.kind for rule in platform.rules}


def test_a_kind_is_checked_once() -> None:
    """Where a platform repeats a rule of the format, it counts once."""
    for name in PLATFORMS:
        for form in ("srt", "vtt"):
            kinds = [rule.kind for rule in rules_of(name, form)]

            assert len(kinds) == len(set(kinds))
            assert {rule.kind for rule in FORMAT_RULES if form in rule.forms} <= set(kinds)
