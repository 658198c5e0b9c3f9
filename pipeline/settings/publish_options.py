"""What a show keeps for ``cuemark publish``."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.io.xml_characters import NOT_IN_XML
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
            ValueError: the address is none, a contributor has no name or no identifier, or one of both has a character
                that no feed can have.
        """
        for name, value in (("base_url", self.base_url), ("contributors", self.contributors)):
            if found := NOT_IN_XML.search(value):
                raise ValueError(f"{name} has a character that XML cannot have (U+{ord(found[0]):04X}); leave it out")
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
