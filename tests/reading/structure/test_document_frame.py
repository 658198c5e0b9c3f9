from __future__ import annotations

from pipeline.reading.structure.document_frame import DocumentFrame, read_frame
from tests.episodes.kept_hearing import TRANSCRIPT


def test_the_frame_is_that_of_the_sample() -> None:
    """The example has the default frame; other forms are kept, and missing parts stay missing."""
    other = "# My Show\n\n### Participants\n\n- Ann\n- Bo\n\nOne\n---\n\n**Ann**: hi\n"

    assert read_frame(TRANSCRIPT.read_text(encoding="utf-8")) == DocumentFrame()
    assert read_frame("") == DocumentFrame()
    assert read_frame(other) == DocumentFrame("# ", "### Participants", "- ", None, "1. ", "---")
