"""The example episode's audio, transcript and truth agree with one another, whoever made them anew."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import regex
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "examples" / "kettle-and-kernel"
AUDIO = FOLDER / "07-the-slow-build.mp3"
WRITTEN = (FOLDER / "07-the-slow-build.md").read_text(encoding="utf-8")
TRUTH: dict[str, Any] = json.loads((FOLDER / "07-the-slow-build.truth.json").read_text(encoding="utf-8"))
SENTENCES: list[dict[str, Any]] = TRUTH["sentences"]
TYPED = [sentence for sentence in SENTENCES if sentence["typed"]]
LABELS = regex.findall(r"(?m)^\*\*([^*:]+):?\*\*:", WRITTEN)
RATE = 16_000


@pytest.fixture(scope="module")
def samples() -> NDArray[np.float32]:
    """The audio as PyAV decodes it: float32, shape (n,), mono at 16 kHz."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(AUDIO)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


def level(samples: NDArray[np.float32], start: float, end: float) -> float:
    """The level of a stretch in dB below full scale."""
    stretch = samples[round(start * RATE) : round(end * RATE)].astype(np.float64)
    return float(10 * np.log10((stretch**2).mean() + 1e-12))


def flat(text: str) -> str:
    """The text without wrapping and without the backslash of a line that begins with a number."""
    return regex.sub(r"\\(?=[0-9])", "", " ".join(text.split()))


def test_sentences_are_in_order_and_inside_the_audio() -> None:
    """Every sentence has a length, begins after the one before it has ended, and lies inside the episode."""
    edges = [0.0, *(edge for sentence in SENTENCES for edge in (sentence["start"], sentence["end"])), TRUTH["duration"]]

    assert [pair for pair in pairwise(edges) if pair[0] >= pair[1]] == []
    assert [edge for edge in edges if edge != round(edge, 3)] == []


def test_audio_is_small_and_as_long_as_stated(samples: NDArray[np.float32]) -> None:
    """The audio decodes with PyAV to the stated length, 4 to 6 minutes, and is a small file."""
    assert len(samples) / RATE == pytest.approx(TRUTH["duration"], abs=0.1)
    assert 240 <= TRUTH["duration"] <= 360
    assert AUDIO.stat().st_size < 2_500_000


def test_sentences_sound_where_the_truth_says(samples: NDArray[np.float32]) -> None:
    """Each sentence begins and ends at its stated times: loud within, quiet between one and the next."""
    gaps = [(a["end"], b["start"]) for a, b in pairwise(SENTENCES)]
    loud = [gap for gap in gaps if level(samples, gap[0] + 0.05, gap[1] - 0.05) > -40]
    edges = [
        s
        for s in SENTENCES
        if min(level(samples, s["start"], s["start"] + 0.1), level(samples, s["end"] - 0.1, s["end"])) < -58
    ]
    within = [s for s in SENTENCES if not -26 < level(samples, s["start"], s["end"]) < -16]

    assert loud == [gap for gap in gaps if any(gap[0] < jingle["start"] < gap[1] for jingle in TRUTH["jingles"])]
    assert edges == []
    assert within == []


def test_audio_is_never_digitally_silent(samples: NDArray[np.float32]) -> None:
    """A little of the room is heard everywhere, also where nobody speaks."""
    whole = samples[: len(samples) // RATE * RATE].reshape(-1, RATE // 10)
    levels = 10 * np.log10((whole.astype(np.float64) ** 2).mean(axis=1) + 1e-12)

    assert levels[2:-2].min() > -75


def test_continue_time_is_the_end_of_the_last_typed_sentence() -> None:
    """The typing stops at the last typed sentence, and more than a minute of speech follows."""
    rest = [sentence for sentence in SENTENCES if sentence["start"] >= TRUTH["continue_at"]]

    assert TRUTH["continue_at"] == TYPED[-1]["end"]
    assert sum(sentence["end"] - sentence["start"] for sentence in rest) > 60
    assert TRUTH["duration"] - TRUTH["continue_at"] < 100


def test_typed_sentences_stand_in_the_transcript_in_order() -> None:
    """What the truth calls written is in the document, in the order in which it is spoken."""
    text, at, missing = flat(WRITTEN), 0, []
    for sentence in TYPED:
        found = text.find(flat(sentence["written"]), at)
        if found < 0:
            missing.append(sentence["written"])
        at = max(at, found + len(flat(sentence["written"])))

    assert missing == []


def test_utterances_are_the_labels_of_the_document() -> None:
    """Each label of the document is one utterance of the truth, in order, with the times of its typed sentences."""
    spans = [
        (own[0]["start"], own[-1]["end"])
        for i in range(len(LABELS))
        if (own := [sentence for sentence in TYPED if sentence["utterance"] == i])
    ]

    assert len(LABELS) >= 25
    assert [(one["utterance"], one["label"]) for one in TRUTH["utterances"]] == list(enumerate(LABELS))
    assert [(one["start"], one["end"]) for one in TRUTH["utterances"]] == spans
    assert {sentence["utterance"] for sentence in SENTENCES if not sentence["typed"]} == {None}


def test_one_turn_has_a_wrong_name_and_one_a_misspelt_one() -> None:
    """The labels differ from those who speak exactly where the truth says so."""
    differing = [
        {key: one[key] for key in ("utterance", "label", "speaker")}
        for one in TRUTH["utterances"]
        if one["label"] != one["speaker"]
    ]

    assert [one for one in differing if one["label"] in TRUTH["speakers"]] == TRUTH["wrong_labels"]
    assert [one for one in differing if one["label"] not in TRUTH["speakers"]] == TRUTH["label_variants"]
    assert (len(TRUTH["wrong_labels"]), len(TRUTH["label_variants"])) == (1, 1)
    assert {sentence["speaker"] for sentence in SENTENCES} == set(TRUTH["speakers"])


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("title", r"\A[0-9]+: [^\n]+\n===\n\nPanel:\n\n(?:\* [^\n]+\n){4}\nTable Of Contents:\n\n1\. \["),
        ("second section", r"\n## [^\n]+\n(?s:.*)\n## [^\n]+\n"),
        ("continuation line", r"\*\*: [^\n]{50,}\n [^ \n]"),
        ("further paragraph", r"\n\n[A-Z][^:*\n]+\.\n\n"),
        ("escape", r"\.\\_run"),
        ("escaped number at a line's start", r"\n \\[0-9]+\.[0-9]"),
        ("link", r"\[[^]]+\]\(https://[^)]+\)"),
        ("code", r"`[^`\n]+`"),
        ("editor's word", r"\[talking to\]"),
        ("laughter", r"\[Laughter\]"),
        ("stale note before two final newlines", r"\n\n<!-- Continue at 1:30! -->\n\n\Z"),
    ],
)
def test_transcript_has_what_people_write(what: str, pattern: str) -> None:
    """The document shows each habit that the program must cope with."""
    assert regex.search(pattern, WRITTEN), what


def test_lines_are_wrapped_at_80_columns() -> None:
    """The typist wraps by hand."""
    assert max(map(len, WRITTEN.splitlines())) in range(76, 81)


def test_sponsor_is_left_out_after_the_typed_jingle() -> None:
    """At least 25 s of untyped speech follow the jingle directly, and the jingle comes again after the typing stops."""
    spoken = [sentence["spoken"] for sentence in SENTENCES]
    sponsor = SENTENCES[2 : SENTENCES.index(TYPED[2])]
    again = len(spoken) - 1 - spoken[::-1].index(spoken[0])

    assert SENTENCES[:2] == TYPED[:2]
    assert spoken[again : again + 2] == spoken[:2]
    assert sponsor[-1]["end"] - sponsor[0]["start"] >= 25
    assert SENTENCES[again]["start"] > TRUTH["continue_at"]
    assert not SENTENCES[again]["typed"]


def test_same_sentence_is_said_by_two_people_in_turn() -> None:
    """Two people in turn say the same, which is typed twice; it is said once more after the typing stops."""
    twice = [(a, b) for a, b in pairwise(TYPED) if a["spoken"] == b["spoken"]]
    ((first, second),) = twice
    times = [sentence["start"] for sentence in SENTENCES if sentence["spoken"] == first["spoken"]]

    assert first["speaker"] != second["speaker"]
    assert times[:2] == [first["start"], second["start"]]
    assert [at > TRUTH["continue_at"] for at in times] == [False, False, True]


def test_stumbles_are_spoken_and_not_typed() -> None:
    """Fillers are heard in typed sentences, and the document has none of them."""
    fillers = regex.compile(r"\b(?:um|uh)\b", regex.IGNORECASE)

    assert len([sentence for sentence in TYPED if fillers.search(sentence["spoken"])]) >= 4
    assert fillers.findall(WRITTEN) == []
