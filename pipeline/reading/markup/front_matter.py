r"""Find the front matter of a document: YAML between ``---`` and the next ``---`` or ``...``, TOML between two ``+++``.

TOML has one reading, that of the standard library: what it does not read is no front matter.
YAML's own rules decide what may be between them: quoted text and block scalars with blank lines in them, lists,
comments. The text has to be one mapping without repeated keys, so that a conversation between two rules
(``Ann: Hello.``, ``Bo: Hi.``, ``Ann: So.``) is not taken for one. Without blank lines it is enough that each line looks
like front matter, because people type titles with a colon, which YAML forbids.
"""

from __future__ import annotations

import regex

_OPENING = regex.compile(r"\ufeff?---[ \t]*+\r?\n(?=[\"']?+[\w-]++[\"']?+:)")
_CLOSING = regex.compile(r"(?m)^(?P<mark>---|\.\.\.)[ \t]*+\r?$")
_WITHOUT_BLANK_LINES = regex.compile(
    r"(?:(?!---[ \t]*+(?:[\r\n]|$))[\w \t#-][^\r\n]*+\r?\n)*+(?P<mark>---)[ \t]*+(?=[\r\n]|$)"
)
_UNQUOTED_COLON = regex.compile(r"(?m)^([\w-]++:[ \t]++)([\w(“][^\r\n]*:[ \t][^\r\n]*+)")
_TOML_OPENING = regex.compile(r"\ufeff?\+\+\+[ \t]*+\r?\n")
_TOML_CLOSING = regex.compile(r"(?m)^(?P<mark>\+\+\+)[ \t]*+\r?$")
_MANY_PARTS = regex.compile(r"""(?:(?:[\w-]++|"[^"\r\n]*+"|'[^'\r\n]*+')[ \t]*+\.[ \t]*+){20}""")
"""A TOML key of so many parts, for which tomllib takes quadratic time; no front matter has one."""

LONGEST = 1 << 15
"""Characters of a front matter with blank lines: five times the longest in seven public archives (5,942); scanning
more of a hostile text would take seconds."""

_MAX_DEPTH = 20  # lists within lists; libyaml takes quadratic time for deeper ones, and no front matter has them


def front_matter_end(text: str) -> int | None:
    r"""Return where the front matter ends, at the end of its closing mark; None if the text has none.

    Args:
        text: with unified white space (see ``whitespace``).

    >>> front_matter_end("---\ntitle: |\n  One\n\n  Two\n---\nHello"), front_matter_end("---\nAnn: so\n\nwell\n\n---")
    (29, None)
    """
    opening = _OPENING.match(text)
    if opening is None:
        return _toml_end(text)
    if found := _WITHOUT_BLANK_LINES.match(text, opening.end()):
        return int(found.end("mark"))
    closing = _CLOSING.search(text, opening.end(), opening.end() + LONGEST)
    if closing is None or not _is_mapping(text[opening.end() : closing.start()]):
        return None
    return int(closing.end("mark"))


def _toml_end(text: str) -> int | None:
    opening = _TOML_OPENING.match(text)
    closing = _TOML_CLOSING.search(text, opening.end(), opening.end() + LONGEST) if opening else None
    if opening is None or closing is None or not _is_toml(text[opening.end() : closing.start()]):
        return None
    return int(closing.end("mark"))


def _is_toml(text: str) -> bool:
    if _MANY_PARTS.search(text):
        return False
    import tomllib  # noqa: PLC0415 -- most transcripts have no front matter

    try:
        return bool(tomllib.loads(text))
    except (ValueError, RecursionError):  # the latter: thousands of lists within lists
        return False


def _is_mapping(text: str) -> bool:
    """Return whether a text is one YAML mapping in which no key is repeated, apart from colons in unquoted titles."""
    import yaml  # noqa: PLC0415 -- most transcripts have no front matter, and few with blank lines

    keys: list[str | None] = []
    depth = nodes = 0
    try:
        for event in yaml.parse(_UNQUOTED_COLON.sub(_quote, text), Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.NodeEvent):
                if depth == 0 and (nodes or not isinstance(event, yaml.MappingStartEvent)):
                    return False
                if depth == 1 and nodes % 2 == 0:
                    keys.append(event.value if isinstance(event, yaml.ScalarEvent) else None)
                nodes += depth == 1
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                return False
    except (yaml.YAMLError, ValueError):  # the latter: half of a surrogate pair
        return False
    return len(keys) == len(set(keys))


def _quote(found: regex.Match[str]) -> str:
    value = found[2].rstrip().replace("'", "''")
    return f"{found[1]}'{value}'"
