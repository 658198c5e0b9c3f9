"""What a person should look at, most important first, each with what can be done about it as edits of the text.

An item's id is a hash of its kind and of what it is about, so it is the same after another alignment, and a person who
puts it aside is not asked again.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.desk.open_labels import is_unknown, likely_names, open_label_findings, open_turns
from pipeline.desk.turn_commands import CommandError, relabel, split_turn
from pipeline.matching.drafting.disfluency import punctuate_turn
from pipeline.matching.drafting.draft_turns import DraftOptions, draft, readable_turns
from pipeline.matching.drafting.spelling import Spelling, respell
from pipeline.matching.misheard import typed_run
from pipeline.matching.typed_times import covered_claims
from pipeline.reading.structure.file_style import FileStyle
from pipeline.reading.words.word_breaks import join_words
from pipeline.schema import Chars, Claim, DraftTurn, Edit, Finding, FindingKind, Result, Utterance
from pipeline.times import Ms, from_seconds
from pipeline.writing.escaping import escape
from pipeline.writing.finished import TranscriptEditor
from pipeline.writing.markdown import corrected_times
from pipeline.writing.turn_lines import turn_style

ORDER: Sequence[FindingKind] = (
    "wrong-audio", "incomplete-audio", "speaker-mismatch", "shared-turn", "misheard", "untranscribed", "not-heard",
    "time-offset", "time-drift", "name-variant", "unknown-speaker", "low-confidence", "possible-label",
)  # fmt: skip
"""The kinds, most important first: what would be published wrongly, then what is missing, then what may be right."""

ALIKE = "-alike"
"""What the id of an action ends with that does the same for all alike items."""

_TITLES: Mapping[str, str] = {
    "take-draft": "Take the draft",
    "split": "Split the turn",
    "correct-time": "Correct the time",
    "ignore": "Ignore",
}
_TAKE_NAME = "take-name"
"""An action; more names of one item have a number behind it, from 2 on."""

_IDENTIFYING_WORDS = 8
_IDENTIFYING_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at.

    Attributes:
        finding: what was found.
        chars: the place in the source.
        id: see above.
        alike: what items have in common for which the same can be done at once.
        names: those that may be taken.
        action: the id of what else can be done, but for ``ignore``; None for nothing.
    """

    finding: Finding
    chars: Chars
    id: str
    alike: tuple[str, ...]
    names: tuple[str, ...]
    action: str | None

    @property
    def actions(self) -> tuple[str, ...]:
        """The ids of what can be done, but for ``ignore``."""
        names = (_TAKE_NAME if n == 0 else f"{_TAKE_NAME}-{n + 1}" for n in range(len(self.names)))
        return (*names, *([] if self.action is None else [self.action]))

    @property
    def start(self) -> Ms | None:
        """When it begins in the audio."""
        at = self.finding.details.get("at") if self.finding.kind == "shared-turn" else None
        if isinstance(at, float | int):
            return from_seconds(at)
        return self.finding.span.start if self.finding.span else None

    @property
    def end(self) -> Ms | None:
        """Until when."""
        return self.finding.span.end if self.finding.span else None


def list_items(result: Result, ignored: frozenset[str]) -> tuple[Item, ...]:
    """Return the items of a result, most important first, without those that a person has put aside."""
    found = [one for one in (*result.findings, *open_label_findings(result)) if one.kind in ORDER]
    split = (part for one in found for part in (_lines(result, one) if one.kind == "possible-label" else (one,)))
    uses, places, turns = Counter[str](), _Places(result), open_turns(result)
    items = list[Item]()
    for finding in split:
        about = "\0".join((finding.kind, *_about(result, finding)))
        uses[about] += 1
        digest = hashlib.sha256(f"{about}\0{uses[about]}".encode("utf-8", "surrogatepass")).hexdigest()
        chars = places.chars(finding)
        names, action = _names(result, finding, turns), _ACTIONS.get(finding.kind)
        items.append(Item(finding, chars, digest[:_IDENTIFYING_CHARACTERS], _alike(finding), names, action))
    shown = (item for item in items if item.id not in ignored)
    return tuple(sorted(shown, key=lambda item: _importance(result, item)))


def item_json(item: Item, items: Sequence[Item], place: Callable[[int], int]) -> dict[str, object]:
    """Return an item as the page shows it; ``same`` counts the other items that are alike.

    Args:
        item: the item.
        items: all of them.
        place: converts an offset of the source to one of the page.
    """
    same = sum(other.alike == item.alike for other in items) - 1
    names = [*item.actions, "ignore"]
    actions = [{"id": name, "title": _title(item, name)} for name in names]
    if same:
        actions += [{"id": name + ALIKE, "title": f"{_title(item, name)}: all {same + 1} alike"} for name in names]
    return {
        "id": item.id,
        "kind": item.finding.kind,
        "message": item.finding.message,
        "from": place(item.chars.start),
        "to": place(item.chars.end),
        "start": item.start,
        "end": item.end,
        "same": same,
        "actions": actions,
    }


def _title(item: Item, action: str) -> str:
    if action.startswith(_TAKE_NAME):
        return f"Take the name {item.names[_number(action)]}"
    return _TITLES[action]


def _number(action: str) -> int:
    """Return which of an item's names an action takes."""
    return int(action.removeprefix(_TAKE_NAME).removeprefix("-") or 1) - 1


# --- what an item is about -------------------------------------------------------------------------------------------


def _about(result: Result, finding: Finding) -> tuple[str, ...]:
    """Return what identifies a finding, whatever is edited elsewhere."""
    details = finding.details
    if finding.kind == "untranscribed":
        return (_longest_word(str(details.get("words", ""))),)
    if finding.kind == "name-variant":
        return (str(details.get("label")),)
    if finding.kind == "unknown-speaker" and finding.utterance is None:
        return (str(finding.span.start if finding.span else 0),)
    named = tuple(str(details[key]) for key in ("label", "heard", "speakers", "typed") if key in details)
    if finding.kind == "possible-label":
        return (finding.message,)
    if finding.utterance is None:
        return named
    words = result.transcript.utterances[finding.utterance].words
    quoted = result.transcript.words[words.start : min(words.end, words.start + _IDENTIFYING_WORDS)]
    return (*named, *(word.shown for word in quoted))


def _longest_word(words: str) -> str:
    """Return the longest word of a passage: its ends move by a word or two when something is typed next to it."""
    return max(words.split(), key=len, default="")


def _alike(finding: Finding) -> tuple[str, ...]:
    details = finding.details
    if finding.kind in {"speaker-mismatch", "shared-turn"}:
        return (finding.kind, *(str(details.get(key)) for key in ("label", "heard", "speakers")))
    if finding.kind == "misheard":
        return (finding.kind, *(str(details.get(key)) for key in ("typed", "heard")))
    return (finding.kind, str(details["name"])) if finding.kind == "unknown-speaker" else (finding.kind,)


_ACTIONS: Mapping[FindingKind, str] = {
    "untranscribed": "take-draft", "shared-turn": "split", "time-drift": "correct-time", "time-offset": "correct-time",
}  # fmt: skip


def _names(result: Result, finding: Finding, turns: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Return the names that may be taken: those of an unknown voice only if a label leaves its name open."""
    details = finding.details
    if finding.kind == "unknown-speaker":
        known = details.get("candidates")
        first = tuple(map(str, known)) if isinstance(known, tuple) else ()
        is_named = not is_unknown(str(details.get("name")))
        return () if details.get("name") not in turns else first if is_named else likely_names(result, first)
    key = {"speaker-mismatch": "heard", "name-variant": "nearest"}.get(finding.kind)
    name = None if key is None else details.get(key)
    return (name,) if isinstance(name, str) else ()


def _lines(result: Result, finding: Finding) -> Iterator[Finding]:
    """Yield one finding for each line that may be a label."""
    for chars in result.transcript.doubtful:
        text = result.transcript.source[chars.start : chars.end]
        details = {"at": chars.start}
        yield replace(finding, message=f"“{text}” looks like a speaker and is read as text", details=details)


class _Places:
    """Finds where in the source the findings of one result are."""

    def __init__(self, result: Result) -> None:
        self._result, self._transcript = result, result.transcript

    def chars(self, finding: Finding) -> Chars:
        """Return the place that a person looks at."""
        if finding.kind == "possible-label":
            return next(one for one in self._transcript.doubtful if one.start == finding.details["at"])
        if finding.kind == "untranscribed" or finding.utterance is None:
            at = self.behind(finding)
            return Chars(at, at)
        one = self._transcript.utterances[finding.utterance]
        if finding.kind in {"speaker-mismatch", "name-variant", "unknown-speaker"} and one.label is not None:
            return one.label
        if finding.kind in {"time-drift", "time-offset"}:
            return self._claim(finding, one)
        if finding.kind == "misheard":
            return self._typed_words(finding, one)
        word = _word_of_change(self._result, finding) if finding.kind == "shared-turn" else None
        return one.chars if word is None else self._transcript.words[word].chars

    def behind(self, finding: Finding) -> int:
        """Return the end of the last word that is said before a finding."""
        words, times = self._transcript.words, self._result.words
        if finding.span is not None and self._result.alignment.pairings:
            at, heard = finding.span.start, self._result.hearing.words
            word = bisect_left(heard, at, key=lambda one: one.span.start)
            pairings = self._result.alignment.pairings
            pairing = pairings[max(0, bisect_right(pairings, word, key=lambda one: one.heard.start) - 1)]
            for k in range(pairing.written.end - 1, -1, -1):
                span = times[k].span
                if span is not None and span.start < at:
                    return words[k].chars.end
        return self._transcript.utterances[0].chars.start if self._transcript.utterances else 0

    def _claim(self, finding: Finding, one: Utterance) -> Chars:
        typed = finding.details.get("typed", finding.details.get("from"))
        claims = (
            claim for claim in self._transcript.claims if self._transcript.words[claim.word].utterance == one.index
        )
        return next((claim.chars for claim in claims if _is_typed(claim.at, typed)), one.chars)

    def _typed_words(self, finding: Finding, one: Utterance) -> Chars:
        """Return the typed words that a finding is about: of several places, the one at its time."""
        words = self._transcript.words
        run = typed_run(finding, self._transcript, self._result.words, one.index)
        return Chars(words[run.start].start, words[run.end - 1].chars.end) if run else one.chars


def _is_typed(at: Ms, typed: object) -> bool:
    return isinstance(typed, float | int) and at == from_seconds(typed)


def _importance(result: Result, item: Item) -> tuple[int, int]:
    last = len(result.transcript.words) and result.transcript.words[-1].chars.end
    is_rest = item.finding.kind == "untranscribed" and item.chars.end >= last
    rank = len(ORDER) if is_rest else ORDER.index(item.finding.kind)  # the rest is being typed anyway
    return rank, item.chars.start


# --- what can be done ------------------------------------------------------------------------------------------------


def act(
    result: Result, items: Sequence[Item], item: Item, action: str, style: FileStyle, spelling: Spelling
) -> tuple[Edit, ...]:
    """Return the edits of an action on an item, or on all that are alike; none for ``ignore``.

    Raises:
        CommandError: the item does not have the action, or it is not possible.
    """
    name = action.removesuffix(ALIKE)
    if name not in (*item.actions, "ignore"):
        raise CommandError(f"there is no action {action} here")
    chosen = [other for other in items if other.alike == item.alike] if action.endswith(ALIKE) else [item]
    if name == "ignore":
        return ()
    if name == "take-draft":
        return tuple(_drafts(result, [one.finding for one in chosen], style, spelling))
    taken = item.names[_number(name)] if name.startswith(_TAKE_NAME) else ""
    edits = [edit for one in chosen for edit in _edits(result, one.finding, style, taken)]
    return tuple(dict.fromkeys(sorted(edits)))


def _edits(result: Result, finding: Finding, style: FileStyle, name: str) -> Iterator[Edit]:
    transcript, utterance = result.transcript, finding.utterance
    if finding.kind == "speaker-mismatch" and utterance is not None:
        yield relabel(result, style, utterance, name)
    elif finding.kind == "unknown-speaker":
        voice = str(finding.details["name"])
        own = open_turns(result)[voice] if utterance is None or is_unknown(voice) else (utterance,)
        yield from (relabel(result, style, one, name) for one in own)
    elif finding.kind == "name-variant":
        for one in transcript.utterances:
            if one.label is not None and one.speaker == finding.details["label"]:
                yield relabel(result, style, one.index, name)
    elif finding.kind == "shared-turn":
        yield from _divided(result, finding, style)
    elif finding.kind in {"time-drift", "time-offset"}:
        places = {claim.chars for claim in _own_claims(result, finding)}
        yield from (edit for edit in corrected_times(result) if edit.chars in places)


def _own_claims(result: Result, finding: Finding) -> Sequence[Claim]:
    transcript = result.transcript
    if finding.kind == "time-offset":
        return covered_claims(finding, transcript, result.words, result.utterances)
    return [one for one in transcript.claims if transcript.words[one.word].utterance == finding.utterance]


def _divided(result: Result, finding: Finding, style: FileStyle) -> Iterator[Edit]:
    word, speakers = _word_of_change(result, finding), finding.details["speakers"]
    if word is None or not isinstance(speakers, tuple):
        raise CommandError("it is not known before which word the voice changes")
    place = result.transcript.words[word].chars.start
    yield from split_turn(result, style, place, str(speakers[1])).edits


def _word_of_change(result: Result, finding: Finding) -> int | None:
    """Return the first word after the time at which the voice changes, but not the turn's first word."""
    if finding.utterance is None:
        return None
    at, words = from_seconds(float(str(finding.details["at"]))), result.transcript.utterances[finding.utterance].words
    timed = [k for k in words if (span := result.words[k].span) is not None and (span.start + span.end) // 2 >= at]
    return timed[0] if timed and timed[0] > words.start else None


def _drafts(result: Result, findings: Sequence[Finding], style: FileStyle, spelling: Spelling) -> Iterator[Edit]:
    """Yield the edits that write the drafts of passages: as turns where they can stand, else within the sentence."""
    turns = draft(result, result.named_turns, DraftOptions(fill_gaps=True))
    writer = turn_style(result.transcript, style, turns, times=style.has_times)
    editor = TranscriptEditor(result, style.ending, writer, comments=False)
    for finding in findings:
        own = [turn for turn in turns if finding.span is not None and _is_mostly_in(turn, finding)]
        fills = own[0].fills if own else None
        if fills is not None:
            yield from editor.fill(fills, [turn for turn in own if turn.fills == fills])
        elif own:
            yield from editor.finish(own)
        else:
            yield _within_sentence(result, finding, spelling)


def _is_mostly_in(turn: DraftTurn, finding: Finding) -> bool:
    return finding.span is not None and 2 * turn.span.overlap(finding.span) > turn.span.duration


def _within_sentence(result: Result, finding: Finding, spelling: Spelling) -> Edit:
    """Return the edit that inserts the words of a passage where they are missing inside of a sentence."""
    span, words = finding.span, result.hearing.words
    if span is None:
        raise CommandError("it is not known what is said there")
    first = bisect_left(words, span.start, key=lambda word: word.span.start)
    last = bisect_left(words, span.end, key=lambda word: word.span.start)
    heard = [word for _, turn in readable_turns(words[first:last], (), result.hearing.language) for word in turn]
    if not heard:
        raise CommandError("nothing is said there that people write")
    punctuated = punctuate_turn(heard)
    inside = (heard[0], *punctuated[1:-1], *heard[1:][-1:])
    at = _Places(result).behind(finding)
    return Edit(Chars(at, at), " " + escape(join_words(word.text for word in respell(inside, spelling))))
