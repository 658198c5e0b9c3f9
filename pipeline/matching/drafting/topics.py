"""Where an episode falls into parts, and what each is about: long pauses between turns, and words of one part alone.

Only what is plain counts. Music and jingles leave a pause in the speech; a part is named after a word that is said
often in it and hardly anywhere else. An episode without such pauses is one part.
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
"""Speech stops for so long between two parts: a jingle, a break."""

MIN_TOPIC_MS: Ms = 2 * MS_PER_MINUTE
"""A part lasts at least so long."""

MIN_TITLE_USES = 4
"""A word names a part if it is said so often there ..."""

MIN_TITLE_SHARE = 0.8
"""... and so much of all its uses lie there."""

_SHORTEST_WORD = 5  # letters of such a word


@dataclass(frozen=True, slots=True)
class Topic:
    """A part of an episode: its title and the index of its first turn."""

    title: str
    turn: int


def find_topics(turns: Sequence[DraftTurn]) -> tuple[Topic, ...]:
    """The parts of a drafted episode, in order; the first starts with the first turn. None without turns."""
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
    once = [title if titles.index(title) == k else f"Part {k + 1}" for k, title in enumerate(titles)]
    return tuple(Topic(title, start) for title, start in zip(once, starts, strict=True))


def _uses(turns: Sequence[DraftTurn]) -> Counter[str]:
    """How often each word of some length is said, by the spelling that it has most."""
    spelt: dict[str, Counter[str]] = {}
    for turn in turns:
        for word in turn.words:
            if len(key := fold_word(word.text)) >= _SHORTEST_WORD and key.isalpha():
                spelt.setdefault(key, Counter())[strip_punctuation(word.text)] += 1
    return Counter({key: forms.total() for key, forms in spelt.items()})


def _title(own: Counter[str], everywhere: Counter[str]) -> str | None:
    telling = [
        key
        for key, number in own.most_common()
        if number >= MIN_TITLE_USES and number >= MIN_TITLE_SHARE * everywhere[key]
    ]
    return telling[0].capitalize() if telling else None
