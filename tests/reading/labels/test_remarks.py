from __future__ import annotations

import pytest

from pipeline.reading.labels.remarks import is_editors_remark


@pytest.mark.parametrize(
    "text", ["Laughter", "Ann Laughing", "sic", "Inaudible", "Slide", "Gelächter", "Risas", "音楽"]
)
def test_remarks_name_nobody(text: str) -> None:
    """Sounds, what could not be heard and remarks on the text are known, also among other words."""
    assert is_editors_remark(text)


@pytest.mark.parametrize("text", ["Ann Lee", "SPEAKER_00", "Ed", "Sicily Ray", "Audra", "李笑"])
def test_names_are_no_remarks(text: str) -> None:
    """A name may contain the letters of such a word."""
    assert not is_editors_remark(text)
