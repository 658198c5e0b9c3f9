"""Matched tokens become pairings of words, also if words are split differently in the two texts."""

from __future__ import annotations

import pytest

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.pairings import pair_words
from pipeline.matching.alignment.tokens import tokenize
from pipeline.schema import Pairing, Run

Keys = list[tuple[str, ...]]


def paired(written: Keys, heard: Keys, matches: list[Match]) -> list[tuple[str, str]]:
    """Return the pairings as pairs of lines; unmatched ones have a question mark."""
    pairings = pair_words(tokenize(written, heard, [0] * len(written)), matches, written, heard)
    return [
        (_line(written, pairing.written), _line(heard, pairing.heard) + ("" if pairing.score else "?"))
        for pairing in pairings
    ]


def _line(keys: Keys, run: Run) -> str:
    return " ".join(key for k in run for key in keys[k])


def single(line: str) -> Keys:
    """Return words of one key each."""
    return [(word,) for word in line.split()]


def test_unmatched_words_are_pairings_of_score_0() -> None:
    """They fill the gaps before, between and after the matches."""
    written, heard = single("well we ship it"), single("um we really ship")
    texts = tokenize(written, heard, [0] * 4)

    assert pair_words(texts, [(1, 1), (2, 3)], written, heard) == (
        Pairing(Run(0, 1), Run(0, 1), 0.0),
        Pairing(Run(1, 2), Run(1, 2), 1.0),
        Pairing(Run(2, 2), Run(2, 3), 0.0),
        Pairing(Run(2, 3), Run(3, 4), 1.0),
        Pairing(Run(3, 4), Run(4, 4), 0.0),
    )


def test_a_word_of_several_keys_is_paired_with_all_words_that_share_them() -> None:
    """A number is one written word and several heard ones."""
    written: Keys = [("run",), ("zero", "point", "eight")]

    assert paired(written, single("run zero point eight"), [(0, 0), (1, 1), (2, 2), (3, 3)]) == [
        ("run", "run"),
        ("zero point eight", "zero point eight"),
    ]


def test_a_word_of_which_too_little_matched_is_not_paired() -> None:
    """One of three keys is less than the least score."""
    written: Keys = [("zero", "point", "eight")]

    assert paired(written, single("the point is"), [(1, 1)]) == [("zero point eight", "the point is?")]


@pytest.mark.parametrize(
    ("written", "heard", "matches", "expected"),
    [
        ("every one said", "everyone said", [(2, 1)], [("every one", "everyone"), ("said", "said")]),
        ("to nodeup now", "to node up now", [(0, 0), (2, 3)], [("to", "to"), ("nodeup", "node up"), ("now", "now")]),
        ("apt get fails", "aptget fails", [(2, 1)], [("apt get", "aptget"), ("fails", "fails")]),
    ],
)
def test_words_that_are_split_differently_are_paired(
    written: str, heard: str, matches: list[Match], expected: list[tuple[str, str]]
) -> None:
    """Their joined forms are compared."""
    assert paired(single(written), single(heard), matches) == expected


def test_words_that_differ_in_their_letters_alone_stay_unmatched() -> None:
    """Whether they are the same word is decided before, with their neighbours."""
    assert paired(single("a kettle b"), single("a kettles b"), [(0, 0), (2, 2)])[1] == ("kettle", "kettles?")
