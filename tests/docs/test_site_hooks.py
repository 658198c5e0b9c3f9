"""Links of pages that are read on a code host and on the site."""

from __future__ import annotations

import pytest

from scripts.site_hooks import inside_site

PAGE = "docs/how-to/batch.md"


@pytest.mark.parametrize(
    ("source", "written", "on_the_site"),
    [
        (PAGE, "[a](settings.md#presets)", "[a](settings.md#presets)"),
        (PAGE, "[a](../tutorial.md)", "[a](../tutorial.md)"),
        (PAGE, "[a](../../CONTRIBUTING.md#tests)", "[a](../contributing.md#tests)"),
        (PAGE, "[a](../../README.md)", "[a](../index.md)"),
        (PAGE, "[the `script`](../../scripts/demo)", "the `script`"),
        (PAGE, "[a](https://example.org/b)", "[a](https://example.org/b)"),
        (PAGE, "[a](#here)", "[a](#here)"),
        (PAGE, "![a](../media/b.svg)", "![a](../media/b.svg)"),
        (PAGE, "```text\n[a](../../scripts/demo)\n```\n", "```text\n[a](../../scripts/demo)\n```\n"),
        ("CONTRIBUTING.md", "[a](docs/how-to/python.md)", "[a](how-to/python.md)"),
        ("CONTRIBUTING.md", "[a](CHANGELOG.md) and [b](LICENSE)", "[a](changelog.md) and b"),
        ("docs/index.md", "[a](tutorial.md)", "[a](tutorial.md)"),
    ],
)
def test_links_stay_inside_the_site(source: str, written: str, on_the_site: str) -> None:
    """Changes links to what is a page of the site, keeps those inside it, and makes text of all other ones."""
    assert inside_site(written, source) == on_the_site
