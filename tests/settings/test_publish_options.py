"""What a show keeps for ``publish`` is checked when it is read."""

from __future__ import annotations

import pytest

from pipeline.settings.publish_options import PublishOptions, identifiers


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1f", "\udcff", "\uffff"])
@pytest.mark.parametrize("name", ["base_url", "contributors"])
def test_what_no_feed_can_have(name: str, character: str) -> None:
    """A character that XML cannot have is named by its number, since it may break the message itself."""
    value = {"base_url": f"https://x.org/{character}", "contributors": f"Ann=a; Bo{character}=b"}[name]
    with pytest.raises(ValueError, match=rf"^{name} has a character that XML cannot have \(U\+{ord(character):04X}\)"):
        PublishOptions(**{name: value})


def test_identifiers() -> None:
    """A name may have blanks around it, and an identifier an equals sign."""
    assert identifiers(" Ann Lee = ann ; Bob=b=2;") == {"Ann Lee": "ann", "Bob": "b=2"}


@pytest.mark.parametrize(
    "options", [{"base_url": "example.org"}, {"contributors": "Ann"}, {"contributors": "Ann=a; =ann"}]
)
def test_refused(options: dict[str, str]) -> None:
    """What is no address and no pair is refused with a sentence."""
    with pytest.raises(ValueError, match=r"begins with https|a name and an identifier"):
        PublishOptions(**options)
