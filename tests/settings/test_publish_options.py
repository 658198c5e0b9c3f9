"""What a show keeps for ``publish`` is checked when it is read."""

from __future__ import annotations

import pytest

from pipeline.settings.publish_options import PublishOptions, identifiers


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
