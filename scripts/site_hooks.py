"""MkDocs hooks: what is done to the pages of docs/ besides rendering them; mkdocs.yml names this file.

The pages are read on a code host as well, where a link may lead to any file of the project. The site has the pages
alone: links to what is a page there are changed to it, other links out of ``docs/`` to their text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
INCLUDED = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Files next to docs/ that are pages of the site, and the pages' paths."""

SITE_PAGES = {**INCLUDED, "README.md": "index.md"}
"""What a link out of docs/ leads to on the site."""

LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]+)\]\((?P<target>[^):#\s]+)(?P<anchor>#[^)\s]*)?\)")
FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are kept next to docs/, where people look for them."""
    for source, page in INCLUDED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 -- MkDocs names them
    """Keep a page's links inside the site."""
    source = next((name for name, path in INCLUDED.items() if path == page.file.src_uri), f"docs/{page.file.src_uri}")
    return inside_site(markdown, source)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 -- the same
    """Give the pages of the reference a class of their own, for docs/assets/site.css."""
    return f'<div class="reference">{html}</div>' if page.file.src_uri.startswith("reference/") else html


def inside_site(markdown: str, source: str) -> str:
    """Return a page's Markdown with links to pages of the site, and without links to other files of the project.

    Args:
        markdown: the text; its code blocks stay as they are.
        source: the page's own path in the project.

    >>> inside_site("[a](../b.md#c), [that](../../CHANGELOG.md), [code](../../pipeline/cli.py)", "docs/x/y.md")
    '[a](../b.md#c), [that](../changelog.md), code'
    """
    parts, end = [], 0
    for block in FENCE.finditer(markdown):
        parts += [_with_links(markdown[end : block.start()], source), block[0]]
        end = block.end()
    return "".join([*parts, _with_links(markdown[end:], source)])


def _with_links(text: str, source: str) -> str:
    return LINK.sub(lambda found: _link(found, source), text)


def _link(found: re.Match[str], source: str) -> str:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), found["target"]))
    page = SITE_PAGES.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else None)
    if page is None:
        return found["text"]
    here = posixpath.dirname(INCLUDED.get(source, source.removeprefix("docs/")))
    return f"[{found['text']}]({posixpath.relpath(page, here or '.')}{found['anchor'] or ''})"
