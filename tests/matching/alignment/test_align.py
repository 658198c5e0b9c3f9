"""The alignment tiles both texts and finds what was planted, whatever was left out, added or reworded."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.schema import Alignment, HeardWord
from tests.matching.word_lists import heard, matched, prose, written

WORDS = st.lists(st.sampled_from("a the and so well node version we shipped it nought kettle Mikeal 0.8 npm".split()))  # noqa: SIM905


def line_up(left: str, right: str) -> Alignment:
    """Align two lines with the default options."""
    return align(written(left), heard(right), AlignOptions())


@given(WORDS, WORDS)
def test_pairings_tile_both_texts(left: list[str], right: list[str]) -> None:
    """Pairings are contiguous and in order from 0 to both lengths, and a matched one is empty on neither side."""
    alignment = line_up(" ".join(left), " ".join(right))

    i = j = 0
    for pairing in alignment.pairings:
        assert (pairing.written.start, pairing.heard.start) == (i, j)
        assert len(pairing.written) or len(pairing.heard)
        assert pairing.score == 0 or (len(pairing.written) and len(pairing.heard))
        assert 0 <= pairing.score <= 1
        i, j = pairing.written.end, pairing.heard.end
    assert (i, j) == (len(left), len(right))


@given(WORDS)
def test_a_text_matches_itself_word_by_word(text: list[str]) -> None:
    """Every word of a text is paired with itself, at full score."""
    alignment = line_up(" ".join(text), " ".join(text))

    assert matched(alignment) == [(k, k) for k in range(len(text))]
    assert all(pairing.score == 1 for pairing in alignment.pairings)


@given(WORDS, WORDS, st.integers(0, 100_000))
def test_the_alignment_knows_no_clock(left: list[str], right: list[str], shift: int) -> None:
    """Shifting all heard times leaves the pairings as they are."""
    words = heard(" ".join(right))
    later = tuple(HeardWord(w.text, w.span.shift(shift), w.probability) for w in words)

    assert align(written(" ".join(left)), words, AlignOptions()) == align(
        written(" ".join(left)), later, AlignOptions()
    )


def best_by_hand(left: list[str], right: list[str]) -> int:
    """The longest common subsequence by the textbook recurrence: the most words that any in-order matching has."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0, 0.25), st.floats(0, 0.25))
def test_slips_do_not_hide_the_rest(seed: int, dropped: float, replaced: float) -> None:
    """With a quarter of the words dropped and a quarter misheard, most of what the best matching has is found."""
    rng = random.Random(seed)
    left = prose(seed, 300).split()
    right = ["mmmm" if rng.random() < replaced else word for word in left if rng.random() >= dropped]

    found = matched(line_up(" ".join(left), " ".join(right)))

    assert sum(left[i] == right[j] for i, j in found) >= 0.75 * best_by_hand(left, right)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("cut_from", "cut_to"), [(0, 400), (300, 700), (600, 1000), (100, 900)])
def test_a_passage_left_out_of_the_transcript_moves_nothing_else(seed: int, cut_from: int, cut_to: int) -> None:
    """With any stretch untyped, each remaining word still finds its own place."""
    said = prose(seed, 1_000).split()
    typed = said[:cut_from] + said[cut_to:]
    place = list(range(cut_from)) + list(range(cut_to, len(said)))

    found = matched(line_up(" ".join(typed), " ".join(said)))

    right = sum(place[i] == j for i, j in found)
    assert right >= 0.98 * len(typed)
    assert all(abs(place[i] - j) <= 12 for i, j in found)


@pytest.mark.parametrize("seed", range(6))
def test_a_passage_that_nobody_says_is_matched_with_nothing(seed: int) -> None:
    """A stretch typed from elsewhere stays unmatched, and both sides of it are found."""
    said, foreign = prose(seed, 600).split(), prose(seed + 100, 200).split()
    typed = said[:300] + foreign + said[300:]

    found = dict(matched(line_up(" ".join(typed), " ".join(said))))

    assert sum(300 <= i < 500 for i in found) <= 10
    assert all(found.get(i) == i for i in range(290))
    assert all(found.get(i) == i - 200 for i in range(510, 800))


@pytest.mark.parametrize(
    ("typed", "spoken"),
    [
        ("we run 0.8.3 now", "we run zero point eight point three now"),
        ("it would 500 the request", "it would five hundred the request"),
        ("the npm people", "the n p m people"),
        ("we call net.server._doListen and then", "we call net dot server dot do listen and then"),
        ("our sponsor today is &yet again", "our sponsor today is and yet again"),
        ("welcome to NodeUp everybody", "welcome to node up everybody"),
        ("I am Mikael Rogers here", "i am mikeal rodgers here"),
        ("every one of them said so", "everyone of them said so"),
        ("we love JavaScript dearly", "we love Javascript dearly"),
    ],
)
def test_what_is_said_otherwise_than_written_is_one_word(typed: str, spoken: str) -> None:
    """Numbers, abbreviations, identifiers and misspelt names are matched with the words that speak them."""
    alignment = line_up(typed, spoken)

    assert all(pairing.score > 0 for pairing in alignment.pairings), alignment.pairings


def test_a_jingle_said_again_after_the_typing_stops_is_found_where_it_was_said_first() -> None:
    """The typed jingle at the end of the transcript belongs to its first saying, even if heard worse there."""
    jingle, worse = "you are tuned to the slow build radio hour", "you or tuned through the slowed built radio our"
    before, after = prose(1, 200), prose(2, 600)

    clear = matched(line_up(f"{before} {jingle}", f"{before} {jingle} {after} {jingle} {prose(3, 100)}"))
    unclear = matched(line_up(f"{before} {jingle}", f"{before} {worse} {after} {jingle} {prose(3, 100)}"))

    assert clear[-1] == (208, 208)
    assert all(j < 210 for _, j in unclear)


def test_a_sponsor_left_out_before_a_typed_jingle_does_not_pull_it_to_the_end() -> None:
    """With a left-out passage before it, the jingle is still found where it was said first."""
    jingle = "you are tuned to the slow build radio hour"
    before, sponsor, after = prose(1, 200), prose(4, 80), prose(2, 600)

    found = matched(line_up(f"{before} {jingle}", f"{before} {sponsor} {jingle} {after} {jingle}"))

    assert found[-1] == (208, 288)


def test_a_common_phrase_said_again_much_later_is_not_taken_for_the_typed_one() -> None:
    """Words at the end of the typing that were heard as something else are not looked for in the rest."""
    before, rest = prose(1, 200), prose(2, 500)

    found = matched(line_up(f"{before} so that is that", f"{before} mumble {rest} so that is that {prose(5, 200)}"))

    assert found == [(k, k) for k in range(200)]


def test_the_same_sentence_by_two_people_is_found_twice() -> None:
    """A sentence that is said and typed twice is matched once for each."""
    text = f"{prose(1, 60)} that is what i thought too that is what i thought too {prose(2, 60)}"

    assert matched(line_up(text, text)) == [(k, k) for k in range(132)]


def test_a_sentence_typed_once_but_said_twice_joins_the_text_it_was_typed_with() -> None:
    """Which of two sayings is meant is told by the neighbours."""
    before, after = prose(1, 60), prose(2, 60)
    sentence = "that is what i thought too"

    found = matched(line_up(f"{before} {sentence} {after}", f"{before} {sentence} {sentence} {after}"))

    assert found[:60] == [(k, k) for k in range(60)]
    assert found[-60:] == [(66 + k, 72 + k) for k in range(60)]


def test_a_late_start_and_a_long_untyped_end_are_left_alone() -> None:
    """An hour of speech around a few typed minutes changes nothing about where these are found."""
    middle = prose(7, 300)

    found = matched(line_up(middle, f"{prose(8, 3_000)} {middle} {prose(9, 6_000)}"))

    assert found == [(k, 3_000 + k) for k in range(300)]


def test_another_recordings_text_shares_next_to_nothing() -> None:
    """The share of phrases found tells another recording from a badly typed one."""
    said = prose(10, 2_000)
    other = align(written(prose(11, 1_000)), heard(said), AlignOptions())
    rng = random.Random(1)
    rough = " ".join(word if rng.random() > 0.3 else "hm" for word in said.split()[:100])
    part = align(written(rough), heard(said), AlignOptions())

    assert other.anchor_share is not None
    assert part.anchor_share is not None
    assert other.anchor_share < 0.2
    assert part.anchor_share > 0.6


def test_too_few_phrases_give_no_verdict() -> None:
    """A text with fewer than twenty unique phrases is not judged."""
    assert line_up("hello and welcome", prose(1, 50)).anchor_share is None


def test_texts_without_a_word_in_common_are_compared_at_their_ends_alone() -> None:
    """A stretch that is too large for the programme and has no phrase in common costs no more than its ends."""
    left = written(" ".join("b" * (4 + k % 40) for k in range(4_000)))
    right = heard(" ".join("z" * (4 + k % 40) for k in range(4_000)))

    alignment = align(left, right, AlignOptions(most_cells=10_000))

    assert matched(alignment) == []


def test_a_gap_lies_between_turns_where_it_can() -> None:
    """A sentence typed once and said twice is matched in one place, not half in each."""
    again = "that is what we believed back then"
    before, after = prose(1, 40), prose(2, 40)
    typed = (*written(before), *(replace(w, utterance=1) for w in written(again)))
    typed = (*typed, *(replace(w, utterance=2) for w in written(after)))

    found = matched(align(typed, heard(f"{before} {again} {again} {after}"), AlignOptions()))

    middle = [j for i, j in found if 40 <= i < 47]
    assert middle in (list(range(40, 47)), list(range(47, 54)))
