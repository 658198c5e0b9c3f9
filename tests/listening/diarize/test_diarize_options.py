from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount, speaker_count


@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["-", " – ", "-  "]))
def test_a_range_of_speakers_is_parsed(one: int, two: int, dash: str) -> None:
    """A range gives its limits, a range of one number the exact number."""
    least, most = sorted((one, two))

    parsed = speaker_count(f" {least}{dash}{most} ", panel=0)

    assert parsed == (SpeakerCount(exactly=least) if least == most else SpeakerCount(least, most))


@pytest.mark.parametrize("text", [None, "", "many", "0", "2-"])
def test_other_text_is_no_number_of_speakers(text: str | None) -> None:
    """Text that is not a number, a range or ``panel`` gives an unknown number."""
    assert speaker_count(text, panel=3) == SpeakerCount()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"segmentation_step": 0.0}, "segmentation_step must be from 0.02 to 1, not 0.0"),
        ({"threshold": -1.0}, "threshold must be above 0 and at most 2, not -1.0"),
        ({"min_cluster_size": 21}, "min_cluster_size must be from 1 to 20, not 21"),
        ({"sample_s": 0.1}, "sample_s must be from 0.5 to 10, not 0.1"),
        ({"shortest_sample_s": -0.1}, "shortest_sample_s must be 0 or more, not -0.1"),
        ({"embedding_batch": 0}, "segmentation_batch and embedding_batch must be 1 or more"),
    ],
)
def test_an_option_out_of_its_range_is_refused(wrong: dict[str, float], message: str) -> None:
    """The error names the option, its range and the given value."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        DiarizeOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"least": 0}, {"most": -1}, {"exactly": 0}, {"least": 3, "most": 2}])
def test_an_impossible_number_of_speakers_is_refused(wrong: dict[str, int]) -> None:
    """A number below 1, and a minimum above the maximum, are errors."""
    with pytest.raises(ValueError, match="number of speakers"):
        SpeakerCount(**wrong)
