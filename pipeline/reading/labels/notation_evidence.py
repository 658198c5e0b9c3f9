"""Decide from all candidates of a file which notations of labels are its own: what recurs, how often, with times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import msgspec

from pipeline.reading.labels.forms import BOLD_COLON, BRACKETS_ALONE, PLAIN_COLON, Label, LabelNotation, fold_name
from pipeline.reading.labels.label_times import bare_time_after, leading_time, starts_with_time
from pipeline.reading.labels.name_shapes import WITH_BRACKETS, NameShape, is_placeholder, name_shape
from pipeline.reading.markup.whitespace import BLANK
from pipeline.schema import Chars

_MIN_SHARE_OF_ALL = 0.8  # of the paragraphs begin with a candidate: they are labels although no name recurs
_MIN_SHARE_OF_MOST = 0.4  # of the paragraphs begin with one: a name that is used once is a label too
_MIN_RECURRING = 0.6  # of the candidates have a name that recurs, in a notation that also has other uses
_MIN_RECURRING_TIMED = 0.5  # the same, if a time is typed next to most of them
_MIN_SHAPE_SHARE = 0.25  # of a notation's names have a shape: a name that occurs once may have it too
_MIN_SHARE_OF_FEW = 0.02  # of the lines begin with a plain name: less is chance in a text without labels
_ENOUGH = 6  # labels with full names, however long the text is
_MAX_SHARE_AS_WORD = 1 / 3  # of its uses as a label, a name in lower case: "zooko things" is no word for a lamp
_MAX_TITLE_WORDS = 12  # after a name and a colon in the first line
_FEWEST = 3  # candidates in a notation that neither a colon nor a time makes one
_MIN_RISING = 0.9  # of adjacent times are in order: they are times of the audio
_MIN_SHARE_OF_TIMES = 0.3  # of the paragraphs begin with a time without marks, or with a name without a colon
# The numbers above were chosen on the seven archives of ``scripts/benchmark_reading.py``: they separate the notations
# that are labels there from emphasis, list items and phrases before a colon.

_DASH = re.compile("[-–—]")
_SENTENCE_MARK = re.compile("[.?!…。！？।]")
_BEGINNING_MS = 60_000  # the first turn of a recording begins before that
_MIN_FOLLOWED = 0.7  # of the labels on a line of their own have text below them

_UNMISTAKABLE: frozenset[NameShape] = frozenset(("full-name", "numbered"))
_STRONG: frozenset[NameShape] = frozenset(("full-name", "capitals", "initials", "numbered", "uncased"))
_ANGLE = LabelNotation("angle", "colon")

NO_NAMES = frozenset(
    (
        "action", "actions", "agenda", "also", "alternative", "answer", "attention", "because", "conclusion", "cons",
        "decision", "discussion", "example", "fact", "fallback", "finally", "first", "generally", "goal", "goals",
        "however", "important", "intuition", "issue", "issues", "justification", "meta", "misc", "motivation", "no",
        "notably", "now", "ok", "okay", "outcome", "outcomes", "proposal", "pros", "question", "remember",
        "resolution", "result", "right", "second", "so", "strike", "summary", "terminology", "third", "tip", "title",
        "tldr", "tweet", "update", "warning", "well", "yes",
    )
)  # fmt: skip
"""Words that begin a paragraph before a colon and are no names, folded."""


class LineStart(msgspec.Struct, frozen=True, gc=False):
    """The text of a line that is not indented, and whether it is the first of its paragraph, and in a list."""

    chars: Chars
    is_first: bool = True
    is_item: bool = False


class NotationEvidence:
    """Decides for each notation of a file whether it is one of its labels."""

    def __init__(
        self,
        text: str,
        lines: Sequence[LineStart],
        found: Sequence[tuple[Label, LineStart]],
        sure: set[str],
        headings: int,
        followed: Collection[int],
        lower_words: Mapping[str, int],
    ) -> None:
        self._lower_words = lower_words
        self._sure = sure
        self._found = [label for label, _ in found]
        bold = {label.start for label, _ in found if label.is_sure}
        self._all = sum(line.is_first for line in lines)
        self._paragraphs = sum(line.is_first and line.chars.start not in bold for line in lines)
        self._lines = sum(line.chars.start not in bold for line in lines)
        self._headings = headings
        self._times = sum(starts_with_time(text, line.chars) for line in lines)
        self._followed = followed
        self._answered = _before_clear_labels(lines, found)
        self._bold = len(bold)
        self._items = {label.start for label, line in found if line.is_item}
        self._first = {label.chars.start for label, line in found if line.is_first}
        self._opening = next(
            (label.chars.start for label, line in found[:1] if lines and line.chars == lines[0].chars), None
        )
        if self._opening is not None and _is_title(text, found[0][0], lines):
            self._opening = None

    def shapes(self, group: Sequence[Label]) -> frozenset[NameShape] | None:
        """Return the shapes of names that may occur once in a notation of the file; None if it is none."""
        notation = group[0].notation
        if notation == BOLD_COLON:
            return frozenset()
        if notation.marks == "chevrons":
            return frozenset() if len(group) > 1 else None
        recurring = self.recurring(group)
        hits = [label for label in group if fold_name(label.name) in recurring]
        # Turns that were drafted in bold must not change how the others are read, so they are not counted here ...
        share = len(group) / max(1, self._starts(group))
        of_all = len(group) / max(1, self._all)  # ... but here, where no name recurs
        if self._is_monologue(group):
            return frozenset({name_shape(group[0].name)})
        if not self._is_own(group, hits, share, of_all):
            return None
        is_timed = _share_with_time(group) >= _MIN_SHARE_OF_ALL
        if of_all < _MIN_SHARE_OF_MOST and not is_timed:
            is_clear = len(hits) >= _MIN_SHARE_OF_ALL * len(group) and _are_several(hits)
            return _UNMISTAKABLE if is_clear else frozenset()
        shapes = {name_shape(label.name) for label in group}
        counts = Counter(name_shape(label.name) for label in hits)
        allowed: set[NameShape] = {
            shape for shape, uses in counts.items() if uses >= _MIN_SHAPE_SHARE * len(hits)
        } or set(shapes)
        if is_timed or allowed == {"numbered"}:  # a name in place of "Speaker 2"
            allowed |= {"full-name", "capitals", "numbered"}
            allowed |= {"one-word"} if is_timed else set()
        elif "one-word" in allowed:
            allowed.add("full-name")
        return frozenset(allowed - {"other"})

    def line_based(self, notations: Mapping[LabelNotation, frozenset[NameShape]]) -> bool:
        """Return whether labels begin lines rather than paragraphs."""
        return self._paragraphs * 2 < self._lines and bool(notations)

    def _is_own(self, group: Sequence[Label], hits: Sequence[Label], share: float, of_all: float) -> bool:
        """Return whether a notation is the file's own.

        Args:
            group: its candidates; ``hits`` are those with a name that recurs.
            share: candidates for each place where it could have one, without the turns that have a bold label.
            of_all: candidates for each paragraph of the file.
        """
        if group[0].notation == BRACKETS_ALONE:
            return self._is_own_in_brackets(group, hits, share)
        ending, are_timed = group[0].notation.ending, _share_with_time(group) >= _MIN_SHARE_OF_ALL
        is_list = self._bold and all(label.start in self._items for label in group)  # in what somebody says
        all_lines_have_times = self._times > 2 * len(group)
        without_text = all_lines_have_times or not self._have_text(group)
        if (is_list and not self._are_in_list(BOLD_COLON)) or (ending in {"line", "timed-line"} and without_text):
            return False
        if are_timed and len(group) > 1 and not all_lines_have_times:
            return self._is_own_with_times(group, hits, share)
        if ending == "colon":
            every = len(group) >= _FEWEST and of_all >= _MIN_SHARE_OF_ALL and _are_strong(group)
            return every or self._is_own_with_colon(group, hits)
        return self._is_own_without_colon(group, hits, share)

    def _is_own_with_times(self, group: Sequence[Label], hits: Sequence[Label], share: float) -> bool:
        recur = len(hits) > 1 and len(hits) >= _MIN_RECURRING_TIMED * len(group)
        if recur and (_are_several(hits) or group[0].notation.ending != "timed-line"):
            return True
        return (recur or share >= _MIN_SHARE_OF_MOST) and _are_strong(group) and _are_rising(group)

    def _is_own_with_colon(self, group: Sequence[Label], hits: Sequence[Label]) -> bool:
        fewest = _MIN_RECURRING_TIMED * len(group)
        if group[0].notation == PLAIN_COLON:
            fewest = _MIN_SHARE_OF_FEW * self._starts(group)
            if hits and _are_strong(hits):
                fewest = min(fewest, _ENOUGH)
        return len(hits) > 1 and len(hits) >= fewest

    def _is_own_without_colon(self, group: Sequence[Label], hits: Sequence[Label], share: float) -> bool:
        notation, several = group[0].notation, _are_several(hits)
        if self._are_questions(group):
            return True
        if notation.ending == "dot" or not several or _are_letters(hits, group):
            return several
        is_marked = notation.marks in {"bold", "heading"} and notation.ending == "line"
        is_frequent = is_marked or share >= _MIN_SHARE_OF_TIMES
        return is_frequent and len(hits) >= max(_FEWEST, _MIN_RECURRING * len(group))

    def _are_questions(self, group: Sequence[Label]) -> bool:
        """Return whether most of a notation's labels are ``Q - text``, and the answers have other labels.

        Where the answers have none, what somebody answers would be read as the question's.
        """
        asked = [label for label in group if label.name == "Q" and label.notation.ending == "dash"]
        answered = sum(label.start in self._answered for label in asked)
        is_usual = len(asked) > 1 and len(asked) >= _MIN_RECURRING * len(group)
        return is_usual and answered >= _MIN_SHARE_OF_ALL * len(asked)

    def is_dominant(self, notation: LabelNotation, groups: Mapping[LabelNotation, Sequence[Label]]) -> bool:
        """Return whether a notation stays beside the file's others, which are ``groups`` with it.

        One in which nothing but recurring names makes labels does not where most labels have a colon or a time, unless
        its names are those of bold labels (which may be a draft).
        """
        group = groups[notation]
        if notation.marks == "chevrons" or _share_with_time(group) >= _MIN_SHARE_OF_ALL or _is_clear(group[0]):
            return True
        are_letters = _are_letters(group, group) or self._are_questions(group)
        if are_letters or self._sure.issuperset(fold_name(label.name) for label in group):
            return True
        return len(group) > sum(len(other) for other in groups.values() if _is_clear(other[0]))

    def _is_own_in_brackets(self, group: Sequence[Label], hits: Sequence[Label], share: float) -> bool:
        """Return whether brackets alone make a label: where most turns begin so, with names that recur.

        Elsewhere they are an editor's insertions. Names with a number ("SPEAKER_00") are those of a program.
        """
        are_numbered = all(name_shape(label.name) == "numbered" for label in group)
        fewest = 2 if are_numbered else max(_FEWEST, _MIN_RECURRING * len(group))
        return share >= _MIN_SHARE_OF_MOST and len(hits) >= fewest and (are_numbered or _are_several(hits))

    def _are_in_list(self, notation: LabelNotation) -> bool:
        return all(label.start in self._items for label in self._found if label.notation == notation)

    def _have_text(self, group: Sequence[Label]) -> bool:
        """Return whether text follows most labels that have a line of their own, and not the next one like them."""
        if group[0].notation.marks == "heading":
            return True
        return sum(label.start in self._followed for label in group) >= _MIN_FOLLOWED * len(group)

    def _is_monologue(self, group: Sequence[Label]) -> bool:
        """Return whether the one label of a file stands at its beginning."""
        first, shape = group[0], name_shape(group[0].name)
        if first.chars.start != self._opening or self._sure:
            return False
        if first.notation != PLAIN_COLON:
            is_marked = first.notation.ending == "colon" or _has_time_of_the_beginning(first)
            return len(group) == 1 and shape in _UNMISTAKABLE and is_marked
        if first.time is not None and len(group) == 1:
            return shape in _STRONG | {"one-word"}
        return shape in _STRONG - {"initials"} and sum(name_shape(label.name) in _STRONG for label in group) == 1

    def _starts(self, group: Sequence[Label]) -> int:
        """Return how many places a label of this notation could have."""
        if group[0].notation.marks == "heading":
            return self._headings
        firsts = sum(label.chars.start in self._first for label in group)
        return self._paragraphs if firsts * 2 >= len(group) else self._lines

    def recurring(self, group: Sequence[Label]) -> set[str]:
        """Return the names, folded, that the file uses as a name more than once, or that stand for somebody."""
        uses = Counter(fold_name(label.name) for label in group if label.name)
        written = {fold_name(label.name): label.name for label in group}
        words = Counter(word for name in uses for word in set(name.split()))
        shapes = Counter(name_shape(label.name) for label in group)
        usual = {shape for shape, number in shapes.items() if number >= _MIN_SHAPE_SHARE * len(group)}
        starts = self._starts(group)
        # "Question: ..." among turns with bold labels is no name, however often it recurs
        may_have_new = not self._bold or group[0].notation != PLAIN_COLON or len(group) >= self._bold
        introduced = _introduced(uses)
        return {
            name
            for name, number in uses.items()
            if name in self._sure
            or name in introduced
            or (number > 1 and may_have_new and self._may_recur(written[name], number, group, usual, starts))
            or is_placeholder(written[name])
            or self._is_part_of_another(written[name], words)
        }

    def _is_part_of_another(self, name: str, words: Mapping[str, int]) -> bool:
        """Return whether a name has its last word in common with another one: ``ANN LEE`` first and ``LEE`` later."""
        last = fold_name(name).split()[-1]
        return words[last] > 1 and last not in self._lower_words and name_shape(name) in _STRONG | {"one-word"}

    def _is_phrase(self, folded: str, uses: int) -> bool:
        """Return whether each word of a name occurs in lower case more often than the name does: "New Topic"."""
        return all(self._lower_words.get(word, 0) > uses for word in folded.split())

    def _may_recur(
        self, name: str, uses: int, group: Sequence[Label], usual: Collection[NameShape], starts: int
    ) -> bool:
        """Return whether a recurring text is a name: it is written as the others are, and is no word of the language.

        A name without capitals is one if most labels are written so, or if the text does not have it as a word.
        """
        shape, folded = name_shape(name), fold_name(name)
        if shape == "one-word":
            is_word = folded in NO_NAMES or self._lower_words.get(folded, 0) > _MAX_SHARE_AS_WORD * uses
            return (shape in usual and len(group) >= _MIN_SHARE_OF_TIMES * starts) or not is_word
        if shape == "full-name" and group[0].notation == PLAIN_COLON and self._is_phrase(folded, uses):
            return False
        if shape != "other":
            return True
        if name[0].isdigit() and uses < _FEWEST:
            return False
        if group[0].notation not in {PLAIN_COLON, _ANGLE}:
            return False
        # each use as a label is one as a word too: it begins turns as often as it is said
        is_nickname = " " not in name and folded not in NO_NAMES and self._lower_words.get(folded, 0) <= 2 * uses + 1
        return is_nickname or (shape in usual and not self._sure and len(group) >= _MIN_SHARE_OF_MOST * starts)


def _introduced(names: Collection[str]) -> set[str]:
    """Return the names that occur once with brackets and once without: ``Ann Lee (AL)`` and ``AL``."""
    pairs = [(name, set(found.groups())) for name in names if (found := WITH_BRACKETS.fullmatch(name))]
    known = set(names)
    return {one for name, parts in pairs if not known.isdisjoint(parts) for one in (name, *known & parts)}


def _has_time_of_the_beginning(label: Label) -> bool:
    """Return whether a small time is typed with a name: a large one may be the length of what a title names.

    Before a name without marks there has to be a dash: a time is also before what somebody says (``[0:00] Hello All``).
    """
    time = label.time
    if time is None or time.at >= _BEGINNING_MS:
        return False
    return time.place != "before-label" or label.notation.marks == "bold" or _DASH.search(time.closing) is not None


def _share_with_time(group: Sequence[Label]) -> float:
    return sum(label.time is not None for label in group) / len(group)


def _are_several(labels: Sequence[Label]) -> bool:
    """Return whether labels have two names or more."""
    return len({fold_name(label.name) for label in labels}) > 1


def _are_letters(hits: Sequence[Label], group: Sequence[Label]) -> bool:
    """Return whether most of a notation's labels are two letters or more (``Q - text``, ``A - text``), however few."""
    letters = [label for label in hits if len(label.name) == 1 and label.name.isupper() and label.name != "I"]
    return _are_several(letters) and len(letters) >= max(_FEWEST, _MIN_RECURRING * len(group))


def _is_title(text: str, label: Label, lines: Sequence[LineStart]) -> bool:
    """Return whether a first line with a plain label may be a title: short and no sentence, with sentences below."""
    if label.notation != PLAIN_COLON or label.time is not None or len(lines) < 2 or not lines[1].is_first:
        return False
    at, end = lines[0].chars.end, lines[-1].chars.end
    is_sentence = _SENTENCE_MARK.search(text, label.end, at) is not None
    is_short = len(text[label.end : at].split()) <= _MAX_TITLE_WORDS
    return is_short and not is_sentence and _SENTENCE_MARK.search(text, at, end) is not None


def _are_strong(group: Sequence[Label]) -> bool:
    """Return whether names that do not recur are names by the way they are written; in letters without case none is."""
    strong = _STRONG if group[0].notation.ending == "colon" else _STRONG - {"uncased"}
    return all(name_shape(label.name) in strong for label in group)


def _are_rising(group: Sequence[Label]) -> bool:
    times = [label.time.at for label in group if label.time]
    return all(time <= following for time, following in pairwise(times))


def has_leading_times(text: str, lines: Sequence[LineStart], found: Sequence[tuple[Label, LineStart]]) -> bool:
    """Return whether lines without a label begin with times without marks: often enough, and in the audio's order."""
    labelled = {line.chars.start for label, line in found if _is_clear(label)}
    others = [line for line in lines if line.chars.start not in labelled]
    times = [time.at for line in others if (time := leading_time(text, line.chars))]
    if len(times) < 2:
        return False
    rising = sum(time <= following for time, following in pairwise(times))
    paragraphs = sum(line.is_first for line in others)
    return rising >= _MIN_RISING * (len(times) - 1) and len(times) >= _MIN_SHARE_OF_TIMES * paragraphs


def _is_clear(label: Label) -> bool:
    return label.notation.ending in {"colon", "time", "timed-line"}


def has_bare_times(text: str, found: Sequence[tuple[Label, LineStart]], own: Collection[LabelNotation]) -> bool:
    """Return whether most labels with a colon have a time without brackets before their text, in the audio's order."""
    labels = [(label, line) for label, line in found if label.notation.ending == "colon" and label.notation in own]
    times = [time.at for label, line in labels if (time := bare_time_after(text, label.chars, line.chars))]
    rising = sum(time <= following for time, following in pairwise(times))
    is_usual = len(times) >= _FEWEST and len(times) >= _MIN_SHARE_OF_ALL * len(labels)
    return is_usual and rising >= _MIN_RISING * (len(times) - 1)


def _before_clear_labels(lines: Sequence[LineStart], found: Sequence[tuple[Label, LineStart]]) -> set[int]:
    """Return the starts of the candidates whose next paragraph begins with one that has a colon or a time."""
    labels = {line.chars.start: label for label, line in found}
    firsts = [labels.get(line.chars.start) for line in lines if line.is_first]
    return {label.start for label, below in pairwise(firsts) if label and below and _is_clear(below)}


def followed_by_text(text: str, lines: Sequence[LineStart], found: Sequence[tuple[Label, LineStart]]) -> set[int]:
    """Return the starts of the candidates that text follows before the next candidate in the same notation."""
    labels = {line.chars.start: label for label, line in found}
    followed = set()
    for line, below in pairwise(lines):
        label, following = labels.get(line.chars.start), labels.get(below.chars.start)
        has_text = bool(text[line.chars.end : below.chars.start].strip(BLANK))
        if label and (has_text or following is None or following.notation != label.notation):
            followed.add(label.start)
    if lines and (last := labels.get(lines[-1].chars.start)):
        followed.add(last.start)
    return followed
