"""The example show's audio, transcripts and truth agree, also after they were made again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import regex
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "examples" / "kettle-and-kernel"
RATE = 16_000


@dataclass(frozen=True)
class Episode:
    """One episode's files, and what is known of it."""

    stem: str
    seconds: tuple[int, int]
    most_bytes: int
    least_rest: int

    @property
    def audio(self) -> Path:
        """What is heard."""
        return FOLDER / f"{self.stem}.mp3"

    @cached_property
    def written(self) -> str:
        """What the typist made of it."""
        return (FOLDER / f"{self.stem}.md").read_text(encoding="utf-8")

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is really said."""
        known: dict[str, Any] = json.loads((FOLDER / f"{self.stem}.truth.json").read_text(encoding="utf-8"))
        return known

    @property
    def sentences(self) -> list[dict[str, Any]]:
        """All that is said."""
        return list(self.truth["sentences"])

    @property
    def typed(self) -> list[dict[str, Any]]:
        """What was typed of it."""
        return [sentence for sentence in self.sentences if sentence["typed"]]

    @cached_property
    def samples(self) -> NDArray[np.float32]:
        """The audio as PyAV decodes it: float32, shape (n,), mono at 16 kHz."""
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        with av.open(str(self.audio)) as container:
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


SLOW_BUILD = Episode("07-the-slow-build", (240, 360), 2_500_000, 60)
PAPER_BACKUP = Episode("08-the-paper-backup", (100, 140), 700_000, 30)
EPISODES = pytest.mark.parametrize("episode", [SLOW_BUILD, PAPER_BACKUP], ids=lambda episode: episode.stem)

WRITTEN, TRUTH, SENTENCES, TYPED = SLOW_BUILD.written, SLOW_BUILD.truth, SLOW_BUILD.sentences, SLOW_BUILD.typed


def level(samples: NDArray[np.float32], start: float, end: float) -> float:
    """The level of a stretch in dB below full scale."""
    stretch = samples[round(start * RATE) : round(end * RATE)].astype(np.float64)
    return float(10 * np.log10((stretch**2).mean() + 1e-12))


def flat(text: str) -> str:
    """The text without wrapping and without the backslash of a line that begins with a number."""
    return regex.sub(r"\\(?=[0-9])", "", " ".join(text.split()))


@EPISODES
def test_sentences_are_in_order_and_inside_the_audio(episode: Episode) -> None:
    """Every sentence has a length, starts after the end of the one before it, and is inside the episode."""
    spoken = [edge for sentence in episode.sentences for edge in (sentence["start"], sentence["end"])]
    edges = [0.0, *spoken, episode.truth["duration"]]

    assert [pair for pair in pairwise(edges) if pair[0] >= pair[1]] == []
    assert [edge for edge in edges if edge != round(edge, 3)] == []


@EPISODES
def test_audio_is_small_and_as_long_as_stated(episode: Episode) -> None:
    """The audio decodes with PyAV to the stated length, which is a few minutes, and is a small file."""
    least, most = episode.seconds

    assert len(episode.samples) / RATE == pytest.approx(episode.truth["duration"], abs=0.1)
    assert least <= episode.truth["duration"] <= most
    assert episode.audio.stat().st_size < episode.most_bytes


@EPISODES
def test_sentences_sound_where_the_truth_says(episode: Episode) -> None:
    """Each sentence begins and ends at its stated times: loud within, quiet between one and the next."""
    samples, sentences = episode.samples, episode.sentences
    jingles = [jingle["start"] for jingle in episode.truth["jingles"]]
    gaps = [(a["end"], b["start"]) for a, b in pairwise(sentences)]
    loud = [gap for gap in gaps if level(samples, gap[0] + 0.05, gap[1] - 0.05) > -40]
    edges = [
        s
        for s in sentences
        if min(level(samples, s["start"], s["start"] + 0.1), level(samples, s["end"] - 0.1, s["end"])) < -58
    ]
    within = [s for s in sentences if not -26 < level(samples, s["start"], s["end"]) < -16]

    assert loud == [gap for gap in gaps if any(gap[0] < start < gap[1] for start in jingles)]
    assert edges == []
    assert within == []


@EPISODES
def test_audio_is_never_digitally_silent(episode: Episode) -> None:
    """Some background noise is everywhere, also in pauses."""
    whole = episode.samples[: len(episode.samples) // RATE * RATE].reshape(-1, RATE // 10)
    levels = 10 * np.log10((whole.astype(np.float64) ** 2).mean(axis=1) + 1e-12)

    assert levels[2:-2].min() > -75


@EPISODES
def test_continue_time_is_the_end_of_the_last_typed_sentence(episode: Episode) -> None:
    """The typing stops at the last typed sentence, and a good part of the speech follows."""
    stops = episode.truth["continue_at"]
    rest = [sentence for sentence in episode.sentences if sentence["start"] >= stops]

    assert stops == episode.typed[-1]["end"]
    assert sum(sentence["end"] - sentence["start"] for sentence in rest) > episode.least_rest
    assert episode.truth["duration"] - stops < 100


@EPISODES
def test_typed_sentences_stand_in_the_transcript_in_order(episode: Episode) -> None:
    """What the truth calls written is in the document, in the order in which it is spoken."""
    text, at, missing = flat(episode.written), 0, []
    for sentence in episode.typed:
        found = text.find(flat(sentence["written"]), at)
        if found < 0:
            missing.append(sentence["written"])
        at = max(at, found + len(flat(sentence["written"])))

    assert missing == []


@EPISODES
def test_utterances_are_the_labels_of_the_document(episode: Episode) -> None:
    """Each label of the document is one utterance of the truth, in order, with the times of its typed sentences."""
    labels = regex.findall(r"(?m)^\*\*([^*:]+):?\*\*:", episode.written)
    known = episode.truth["utterances"]
    spans = [
        (own[0]["start"], own[-1]["end"])
        for i in range(len(labels))
        if (own := [sentence for sentence in episode.typed if sentence["utterance"] == i])
    ]

    assert [(one["utterance"], one["label"]) for one in known] == list(enumerate(labels))
    assert [(one["start"], one["end"]) for one in known] == spans
    assert {sentence["utterance"] for sentence in episode.sentences if not sentence["typed"]} == {None}


def test_two_episodes_are_of_one_show() -> None:
    """The second episode has three people of the first and a guest; one of them speaks only in the untyped part."""
    people, before = set(PAPER_BACKUP.truth["speakers"]), set(TRUTH["speakers"])
    typed = {sentence["speaker"] for sentence in PAPER_BACKUP.typed}

    assert (len(people & before), people - before) == (3, {"Wilhelmina Brandt"})
    assert {sentence["speaker"] for sentence in PAPER_BACKUP.sentences} - typed == {"Priya Nand"}
    assert PAPER_BACKUP.truth["wrong_labels"] == PAPER_BACKUP.truth["label_variants"] == []


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
    assert len(TRUTH["utterances"]) >= 25
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
