"""Transcripts in JSON are held against the namespace's description, with lines, and mended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.segments_file import find_segment_violations, mend_segments, parse_segments

FAULTY = """\
{"segments": [
  {"startTime": "2.5", "endTime": 1, "body": "I", "extra": [1, {"a": 2}]},
  {"startTime": 0.5, "body": "x", "speaker": null},
  {"startTime": 3, "body": " "},
  5,
  {"body": 7}
]}
"""


def found(text: str) -> list[tuple[int, str, bool]]:
    """Line, kind, and whether it can be mended."""
    return [(one.line, one.kind, one.fixable) for one in find_segment_violations(parse_segments(text), "podcasting")]


def test_faults() -> None:
    """Each fault has the line of its segment."""
    assert found(FAULTY) == [
        (1, "version", True),
        (1, "field", False),
        (1, "order", True),
        (2, "field", True),
        (2, "no-length", True),
        (3, "field", True),
        (3, "order", True),
        (4, "empty-cue", True),
        (6, "field", False),
        (6, "field", False),
    ]


def test_mended() -> None:
    """Times become numbers in order, what is not known is left out, and fields that nobody forbids stay."""
    assert json.loads(mend_segments(parse_segments(FAULTY))) == {
        "version": "1.0.0",
        "segments": [
            5,
            {"body": 7},
            {"startTime": 0.5, "body": "x"},
            {"startTime": 2.5, "body": "I", "extra": [1, {"a": 2}]},
        ],
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ('{\n"a":\n ]', 3), ("[" * 5_000, 1), ('"\udc80', 1), ("[]", 1), ('{"segments": {}}', 1)],
    ids=["empty", "malformed", "deep", "surrogate", "list", "object"],
)
def test_no_transcript(text: str, line: int) -> None:
    """What is no transcript is one line with its place, and cannot be mended."""
    assert found(text) == [(line, "json", False)]
    with pytest.raises(ValueError, match=r".+"):
        mend_segments(parse_segments(text))


def test_a_number_that_no_time_is() -> None:
    """An integer that no float can hold is a fault of its field, and stays as it is."""
    text = f'{{"version": "1.0.0", "segments": [\n{{"startTime": 1{"0" * 400}, "body": "a"}}]}}'

    assert found(text) == [(2, "field", False)]
    assert json.loads(mend_segments(parse_segments(text))) == json.loads(text)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 10**6),
        st.just(10**400),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
SEGMENTS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "startTime": st.one_of(st.floats(0, 100), st.sampled_from(("1", "2.5", "x")), VALUES),
            "endTime": st.one_of(st.floats(0, 100), VALUES),
            "body": st.one_of(st.sampled_from(("a", " ", "so it is")), VALUES),
            "speaker": st.one_of(st.none(), st.just("Ann"), VALUES),
        },
    ),
    VALUES,
)


@given(st.fixed_dictionaries({"segments": st.lists(SEGMENTS, max_size=6)}, optional={"version": VALUES}))
def test_laws(document: dict[str, Any]) -> None:
    """Nothing that can be mended is left, mending again changes nothing, and each text is still there."""
    mended = mend_segments(parse_segments(json.dumps(document)))

    assert [one for one in found(mended) if one[2]] == []
    assert mend_segments(parse_segments(mended)) == mended
    assert bodies(json.loads(mended)) == bodies(document)


def bodies(document: dict[str, Any]) -> list[str]:
    """The texts of all segments, in any order."""
    texts = (one.get("body") for one in document["segments"] if isinstance(one, dict))
    return sorted(text for text in texts if isinstance(text, str) and text.strip())
