"""What a show keeps for ``cuemark publish``."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.options import option


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """Where the files are put, and who the speakers are on a platform."""

    base_url: str = option(
        "", "The address that the files are put below, for the lines of the feed; it begins with https://."
    )
    contributors: str = option(
        "", "Who the speakers are at Podlove: names and identifiers, such as Ann Lee=ann; Bob Ray=bob."
    )

    def __post_init__(self) -> None:
        """Check what a file or a command line says.

        Raises:
            ValueError: the address is none, or a contributor has no name or no identifier.
        """
        if self.base_url and not self.base_url.startswith(("https://", "http://")):
            raise ValueError("base_url is no address; it begins with https://")
        identifiers(self.contributors)


def identifiers(contributors: str) -> dict[str, str]:
    """Return identifiers by names.

    Raises:
        ValueError: a name or an identifier is missing.

    >>> identifiers("Ann Lee=ann; Bob Ray=bob")
    {'Ann Lee': 'ann', 'Bob Ray': 'bob'}
    """
    found: dict[str, str] = {}
    for word in filter(str.strip, contributors.split(";")):
        name, _, identifier = word.partition("=")
        if not (name.strip() and identifier.strip()):
            raise ValueError(f"a contributor is a name and an identifier, such as Ann Lee=ann, not {word.strip()!r}")
        found[name.strip()] = identifier.strip()
    return found
