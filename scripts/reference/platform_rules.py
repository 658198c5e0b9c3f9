"""The page of the platforms' rules, from their table."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.publish.platforms import FORMAT_RULES, PLATFORMS, Platform, Rule, RuleKind
from pipeline.publish.rule_checks import FIXABLE, LIMIT_KINDS
from scripts.reference.markdown import page, table


def pages() -> dict[str, str]:
    """Return the page by its name."""
    intro = (
        "`cuemark check FILE --for PLATFORM` holds subtitles and JSON transcripts against these rules. Beside each is "
        "where it can be read. Nothing was uploaded to any platform to try it. See "
        "[Give each platform what it takes](../how-to/platforms.md)."
    )
    parts = [intro, f"## Every platform\n\n{_rules(FORMAT_RULES)}"]
    parts += [f"## `{name}`\n\n{_about(platform)}\n\n{_rules(platform.rules)}" for name, platform in PLATFORMS.items()]
    return {"platform-rules.md": page("Platform rules", "\n\n".join(parts) + "\n")}


def _about(platform: Platform) -> str:
    takes = ", ".join(platform.takes)
    said = f"{platform.title} takes {takes} ({_linked(platform.source)})."
    if platform.delivered_as:
        said = f"{platform.title} takes {platform.delivered_as}; {takes} are held against its limits."
    if platform.preset:
        said += f" Its limits are those of the [preset](subtitle-presets.md) `{platform.preset}`."
    return said


def _rules(rules: Sequence[Rule]) -> str:
    rows = [(f"`{rule.kind}`", ", ".join(rule.forms), _mended(rule.kind), _linked(rule.source)) for rule in rules]
    return table(("rule", "files", "mended by `--fix`", "source"), rows) if rows else "It has no further rules."


def _mended(kind: RuleKind) -> str:
    if kind in LIMIT_KINDS:
        return "where no word has to move"
    return "yes" if kind in FIXABLE else "no"


def _linked(source: str) -> str:
    """Return a source with its addresses as links."""
    return " ".join(f"<{word.rstrip(',')}>" if word.startswith("https://") else word for word in source.split())
