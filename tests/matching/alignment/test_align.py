"""The alignment tiles both texts and finds the known matches, whatever was left out, added or reworded."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.schema import Alignment, HeardWord
from tests.matching.word_lists import heard_words, matched_indices, prose, written_words

WORDS = st.lists(st.sampled_from("a the and so well node version we shipped it nought kettle Mikeal 0.8 npm".split()))  # noqa: SIM905


def align_lines(left: str, right: str) -> Alignment:
    """Align two lines with the default options."""
    return align(written_words(left), heard_words(right), AlignOptions())


@given(WORDS, WORDS)
def test_pairings_tile_both_texts(left: list[str], right: list[str]) -> None:
    """Pairings are contiguous and in order from 0 to both lengths, and a matched one is empty on neither side."""
    alignment = align_lines(" ".join(left), " ".join(right))

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
    alignment = align_lines(" ".join(text), " ".join(text))

    assert matched_indices(alignment) == [(k, k) for k in range(len(text))]
    assert all(pairing.score == 1 for pairing in alignment.pairings)


@given(WORDS, WORDS, st.integers(0, 100_000))
def test_the_alignment_does_not_depend_on_times(left: list[str], right: list[str], shift: int) -> None:
    """Shifting all heard times leaves the pairings as they are."""
    words = heard_words(" ".join(right))
    later = tuple(HeardWord(w.text, w.span.shift(shift), w.probability) for w in words)

    assert align(written_words(" ".join(left)), words, AlignOptions()) == align(
        written_words(" ".join(left)), later, AlignOptions()
    )


def longest_common_subsequence(left: list[str], right: list[str]) -> int:
    """Return its length by the textbook recurrence: the most words that any matching in order can have."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0, 0.25), st.floats(0, 0.25))
def test_dropped_and_misheard_words_do_not_hide_the_others(seed: int, dropped: float, replaced: float) -> None:
    """With a quarter of the words dropped and a quarter misheard, three quarters of the best matching are found."""
    rng = random.Random(seed)
    left = prose(seed, 300).split()
    right = ["mmmm" if rng.random() < replaced else word for word in left if rng.random() >= dropped]

    found = matched_indices(align_lines(" ".join(left), " ".join(right)))

    assert sum(left[i] == right[j] for i, j in found) >= 0.75 * longest_common_subsequence(left, right)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("cut_from", "cut_to"), [(0, 400), (300, 700), (600, 1000), (100, 900)])
def test_a_passage_left_out_of_the_transcript_moves_nothing_else(seed: int, cut_from: int, cut_to: int) -> None:
    """With any passage untyped, each remaining word is matched at its own position."""
    said = prose(seed, 1_000).split()
    typed = said[:cut_from] + said[cut_to:]
    position = list(range(cut_from)) + list(range(cut_to, len(said)))

    found = matched_indices(align_lines(" ".join(typed), " ".join(said)))

    right = sum(position[i] == j for i, j in found)
    assert right >= 0.98 * len(typed)
    assert all(abs(position[i] - j) <= 12 for i, j in found)


@pytest.mark.parametrize("seed", range(6))
def test_a_passage_that_nobody_says_is_matched_with_nothing(seed: int) -> None:
    """A passage typed from elsewhere stays unmatched, and both sides of it are found."""
    said, foreign = prose(seed, 600).split(), prose(seed + 100, 200).split()
    typed = said[:300] + foreign + said[300:]

    found = dict(matched_indices(align_lines(" ".join(typed), " ".join(said))))

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
def test_words_that_are_spoken_differently_are_matched(typed: str, spoken: str) -> None:
    """Numbers, abbreviations, identifiers and misspelt names are matched with the words that speak them."""
    alignment = align_lines(typed, spoken)

    assert all(pairing.score > 0 for pairing in alignment.pairings), alignment.pairings


def test_a_jingle_said_again_after_the_typing_stops_is_found_where_it_is_said_first() -> None:
    """The jingle at the end of the transcript is matched where it is said first, even if it is heard worse there."""
    jingle, worse = "you are tuned to the slow build radio hour", "you or tuned through the slowed built radio our"
    before, after = prose(1, 200), prose(2, 600)

    clear = matched_indices(align_lines(f"{before} {jingle}", f"{before} {jingle} {after} {jingle} {prose(3, 100)}"))
    unclear = matched_indices(align_lines(f"{before} {jingle}", f"{before} {worse} {after} {jingle} {prose(3, 100)}"))

    assert clear[-1] == (208, 208)
    assert all(j < 210 for _, j in unclear)


def test_a_sponsor_left_out_before_a_typed_jingle_does_not_pull_it_to_the_end() -> None:
    """With a left-out passage before it, the jingle is still found where it is said first."""
    jingle = "you are tuned to the slow build radio hour"
    before, sponsor, after = prose(1, 200), prose(4, 80), prose(2, 600)

    found = matched_indices(align_lines(f"{before} {jingle}", f"{before} {sponsor} {jingle} {after} {jingle}"))

    assert found[-1] == (208, 288)


def test_a_common_phrase_said_again_much_later_is_not_matched() -> None:
    """Words at the end of the typing that were heard as something else are not matched in the rest."""
    before, rest = prose(1, 200), prose(2, 500)

    found = matched_indices(
        align_lines(f"{before} so that is that", f"{before} mumble {rest} so that is that {prose(5, 200)}")
    )

    assert found == [(k, k) for k in range(200)]


def test_the_same_sentence_by_two_people_is_found_twice() -> None:
    """A sentence that is said and typed twice is matched once for each."""
    text = f"{prose(1, 60)} that is what i thought too that is what i thought too {prose(2, 60)}"

    assert matched_indices(align_lines(text, text)) == [(k, k) for k in range(132)]


def test_a_sentence_typed_once_but_said_twice_does_not_move_its_neighbours() -> None:
    """The text before and after it is matched at its own position."""
    before, after = prose(1, 60), prose(2, 60)
    sentence = "that is what i thought too"

    found = matched_indices(align_lines(f"{before} {sentence} {after}", f"{before} {sentence} {sentence} {after}"))

    assert found[:60] == [(k, k) for k in range(60)]
    assert found[-60:] == [(66 + k, 72 + k) for k in range(60)]


def test_a_late_start_and_a_long_untyped_end_change_nothing() -> None:
    """With an hour of speech around a few typed minutes, these are found word by word."""
    middle = prose(7, 300)

    found = matched_indices(align_lines(middle, f"{prose(8, 3_000)} {middle} {prose(9, 6_000)}"))

    assert found == [(k, 3_000 + k) for k in range(300)]


def test_the_anchor_share_tells_another_recording_from_a_badly_typed_one() -> None:
    """It is below 0.2 for another text, and above 0.6 with a third of the words wrong."""
    said = prose(10, 2_000)
    other = align(written_words(prose(11, 1_000)), heard_words(said), AlignOptions())
    rng = random.Random(1)
    rough = " ".join(word if rng.random() > 0.3 else "hm" for word in said.split()[:100])
    part = align(written_words(rough), heard_words(said), AlignOptions())

    assert other.anchor_share is not None
    assert part.anchor_share is not None
    assert other.anchor_share < 0.2
    assert part.anchor_share > 0.6


def test_too_few_phrases_give_no_verdict() -> None:
    """A text with fewer than twenty unique n-grams has no anchor share."""
    assert align_lines("hello and welcome", prose(1, 50)).anchor_share is None


def test_texts_without_a_word_in_common_are_compared_at_their_ends_alone() -> None:
    """A region that is too large for dynamic programming and has no phrase in common has no matches."""
    left = written_words(" ".join("b" * (4 + k % 40) for k in range(4_000)))
    right = heard_words(" ".join("z" * (4 + k % 40) for k in range(4_000)))

    alignment = align(left, right, AlignOptions(most_cells=10_000))

    assert matched_indices(alignment) == []


@pytest.mark.parametrize("few", [1, 50, 400], ids=["one word", "a window", "as many as an end"])
def test_few_heard_words_are_compared_with_both_ends_of_a_long_text(few: int) -> None:
    """No phrase is common, and the few words are no longer than an end: they are at the better one."""
    chance = random.Random(3)
    names = ["".join(chance.choices("bcdfghklmnprstvwaeiou", k=9)) for _ in range(10_400)]
    typed, others = names[:10_000], names[10_000:]
    written, options = written_words(" ".join(typed)), AlignOptions(most_cells=few * 5_000)

    at_the_end = align(written, heard_words(" ".join(typed[-2 * few :: 2])), options)
    nowhere = align(written, heard_words(" ".join(others[:few])), options)

    assert sum(len(one.written) for one in at_the_end.pairings if one.score > 0) >= few // 2
    assert matched_indices(nowhere) == []


def test_a_gap_is_between_turns_if_possible() -> None:
    """A sentence typed once and said twice is matched in one place, not half in each."""
    again = "that is what we believed back then"
    before, after = prose(1, 40), prose(2, 40)
    typed = (*written_words(before), *(msgspec.structs.replace(w, utterance=1) for w in written_words(again)))
    typed = (*typed, *(msgspec.structs.replace(w, utterance=2) for w in written_words(after)))

    found = matched_indices(align(typed, heard_words(f"{before} {again} {again} {after}"), AlignOptions()))

    middle = [j for i, j in found if 40 <= i < 47]
    assert middle in (list(range(40, 47)), list(range(47, 54)))
