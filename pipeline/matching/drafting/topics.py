"""Topic segmentation: an episode split at long pauses between turns, each topic with a title from its own words.

Music and jingles leave a pause in the speech. A topic is named after a word that is said often in it and hardly
anywhere else. An episode without such pauses is one topic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.matching.drafting.spelling import fold_word, strip_punctuation
from pipeline.schema import DraftTurn
from pipeline.times import MS_PER_MINUTE, Ms

FIRST_TITLE = "Introduction"

MIN_TOPIC_PAUSE_MS: Ms = 3_000
"""Speech stops for at least this long between two topics: a jingle, a break. Chosen by hand."""

MIN_TOPIC_MS: Ms = 2 * MS_PER_MINUTE
"""A topic lasts at least this long. Chosen by hand."""

MIN_TITLE_USES = 4
"""A word can be a title if it is said at least this often in the topic; see ``MIN_TITLE_SHARE``."""

MIN_TITLE_SHARE = 0.8
"""A word can be a title if at least this share of all its uses is in the topic. Both were chosen by hand."""

_MIN_TITLE_LETTERS = 5  # shorter words are mostly function words


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of an episode: its title and the index of its first turn."""

    title: str
    turn: int


def find_topics(turns: Sequence[DraftTurn]) -> tuple[Topic, ...]:
    """Return the topics of a drafted episode, in order; the first starts with the first turn. Without turns, none."""
    if not turns:
        return ()
    starts = [0]
    end = turns[-1].span.end
    for at, (before, after) in enumerate(pairwise(turns), start=1):
        long_enough = after.span.start - turns[starts[-1]].span.start >= MIN_TOPIC_MS
        if (
            after.span.start - before.span.end >= MIN_TOPIC_PAUSE_MS
            and long_enough
            and end - after.span.start >= MIN_TOPIC_MS
        ):
            starts.append(at)
    counts = [_uses(turns[a:b]) for a, b in pairwise((*starts, len(turns)))]
    everywhere = sum(counts, Counter[str]())
    titles = [FIRST_TITLE, *(_title(own, everywhere) or f"Part {k}" for k, own in enumerate(counts[1:], start=2))]
    unique = [title if titles.index(title) == k else f"Part {k + 1}" for k, title in enumerate(titles)]
    return tuple(Topic(title, start) for title, start in zip(unique, starts, strict=True))


def _uses(turns: Sequence[DraftTurn]) -> Counter[str]:
    """Count how often each word of ``_MIN_TITLE_LETTERS`` letters or more is said, by its folded form."""
    spelt: dict[str, Counter[str]] = {}
    for turn in turns:
        for word in turn.words:
            if len(key := fold_word(word.text)) >= _MIN_TITLE_LETTERS and key.isalpha():
                spelt.setdefault(key, Counter())[strip_punctuation(word.text)] += 1
    return Counter({key: forms.total() for key, forms in spelt.items()})


def _title(own: Counter[str], everywhere: Counter[str]) -> str | None:
    """Return the most frequent word that is hardly said outside this topic; None if there is none."""
    candidates = [
        key
        for key, number in own.most_common()
        if number >= MIN_TITLE_USES and number >= MIN_TITLE_SHARE * everywhere[key]
    ]
    return candidates[0].capitalize() if candidates else None
