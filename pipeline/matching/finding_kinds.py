"""What each kind of finding means, what to do about it, and whether it counts for ``--strict``.

The reference page ``findings.md`` is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.matching.alignment.timing import UNHEARD_RUN_WORDS
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.matching.findings import WRONG_AUDIO_SHARE
from pipeline.matching.label_findings import SHARED_TURN_PART_MS
from pipeline.matching.misheard import STRICT_CONFIDENCE
from pipeline.matching.speakers.embeddings import MIN_JUDGED_UTTERANCE_MS
from pipeline.matching.substitutions import MOST_WORDS
from pipeline.matching.time_pieces import FEWEST_OFFSET_TIMES, FEWEST_RATE_TIMES, LEAST_DRIFT_MS, OFFSET_TOLERANCE_MS
from pipeline.schema import SURE_CONFIDENCE, Finding, FindingKind
from pipeline.times import Span

Strict = Literal["yes", "no", "if sure", "unless drafted", "fails anyway"]
"""Whether findings of a kind make ``--strict`` end with status 1; "fails anyway" ends with it without ``--strict``."""

STRICT_MEANINGS: Mapping[Strict, str] = {
    "yes": "yes",
    "no": "no",
    "if sure": f"yes, from a confidence of {STRICT_CONFIDENCE:g} on",
    "unless drafted": "yes, unless `cuemark finish` has drafted the passage",
    "fails anyway": "it fails without `--strict` too, unless `--force` is given",
}
"""The same for the reference page."""


@dataclass(frozen=True, slots=True)
class KindDescription:
    """One kind of finding, for the people who read it.

    Attributes:
        meaning: what was found, and what its times and its utterance are.
        advice: what to do about it.
        fields: the fields that only this kind has in the JSON document, with their types and meanings.
        strict: see ``Strict``.
    """

    meaning: str
    advice: str
    fields: Mapping[str, str] = field(default_factory=dict)
    strict: Strict = "yes"


FINDING_KINDS: Mapping[FindingKind, KindDescription] = {
    "untranscribed": KindDescription(
        meaning=f"{LEAST_UNTRANSCRIBED_WORDS} or more words are said here that the transcript does not have: at the "
        "end, where the typing stopped, or in the middle, where a passage was left out. `start` and `end` are those of "
        "the passage, `utterance` is the one before it.",
        advice="Type the passage, or let `cuemark finish` draft it; passages in the middle need `--fill-gaps`. "
        "A passage that was left out on purpose can stay as it is.",
        fields={"words": "string: a draft of what is said"},
        strict="unless drafted",
    ),
    "not-heard": KindDescription(
        meaning=f"A whole utterance, or {UNHEARD_RUN_WORDS} or more words in a row within one, that nobody says. These "
        "words have no times. `start` and `end` are those of the utterance, or null where all of it was not found.",
        advice="Listen to the place. Usually the text is a note that is not spoken, was moved to another place, or "
        "belongs to a part that was cut from the audio.",
    ),
    "misheard": KindDescription(
        meaning=f"One to {MOST_WORDS} typed words that are not what is said: others were heard in their place, and "
        "these fit the sound better. Other forms of the same word, contractions, abbreviations, numbers written in "
        "another way, fillers, words such as “the” and “so” and the names of the speakers are none. Only in English, "
        "with the model `base` in faster-whisper on a processor. `start` and `end` are those of the words.",
        advice="Listen to the words. What is heard is written as Whisper writes it, so the spelling of a name may be "
        "another one. A word that was changed on purpose can stay.",
        fields={
            "typed": "string: the words as typed",
            "heard": "string: what is heard in their place",
            "confidence": "number: 0 to 1; of the findings at 0.9 or more, nine in ten are right",
        },
        strict="if sure",
    ),
    "low-confidence": KindDescription(
        meaning=f"An utterance was found, but its confidence is below {SURE_CONFIDENCE:g}: it gets no time in the "
        "document and is not in the subtitles. `start` and `end` are where it probably is. Where `utterance` is null, "
        "too few words are typed to decide whether they belong to this audio.",
        advice="Listen at the given time. If the text is very free there, bring it closer to what is said, or type the "
        "time by hand.",
    ),
    "speaker-mismatch": KindDescription(
        meaning="The label names one person, and the voice is that of another one who has labels elsewhere in "
        f"the transcript. Turns shorter than {MIN_JUDGED_UTTERANCE_MS / 1000:g} s are not judged. The label is not "
        "changed.",
        advice="Listen to the turn before you correct the label: two similar voices can be confused.",
        fields={"label": "string: the name as typed", "heard": "string: the person whose voice it is"},
    ),
    "shared-turn": KindDescription(
        meaning=f"Two people speak in one turn, each for {SHARED_TURN_PART_MS / 1000:g} s or longer without the other.",
        advice="Listen at the time `at` and divide the turn, with a label of its own for the second person.",
        fields={
            "at": "number: the time in seconds at which the voice changes",
            "speakers": "array of two strings: who speaks before and who after",
        },
    ),
    "unknown-speaker": KindDescription(
        meaning="A voice that is apart from the voices of all labels. `start` and `end` are its first turn; it has no "
        "utterance.",
        advice="Listen there. It is a person whose turns are not labelled or not typed yet, a recording that is "
        "played, or one voice that was taken for two; `--speakers` says how many people speak. If exactly one person "
        "of the panel has no turn yet, the message proposes that name; the draft does not use it.",
        fields={
            "name": "string: what it is called in the results, such as `Unknown speaker 1`",
            "seconds": "number: how long it speaks in all",
            "candidates": "array of strings: the people of the panel without a turn; if there are none, the people of "
            "the labels whose turns are too short to know their voices",
        },
    ),
    "name-variant": KindDescription(
        meaning="A label is no name of the panel or, without a panel, another spelling of a name: with a title, a role "
        "or a slip, initials, or a part of it. It is the same speaker all the same. There is one finding for each "
        "spelling, with the first utterance that has it; it has no times.",
        advice="Correct the spelling, or add the person to the panel. Where several names are as near, write the name "
        "in full: until then the label is a speaker of its own.",
        fields={
            "label": "string: the name as typed",
            "nearest": "string or null: the name that is probably meant: that of the panel, else the fullest spelling; "
            "null if no name is near, if several are as near, or if the voice is another one",
            "candidates": "array of strings: the names that may be meant",
        },
    ),
    "time-drift": KindDescription(
        meaning=f"A time that was typed by hand is off by {LEAST_DRIFT_MS / 1000:g} s or more. It stays as it is. "
        "`start` and `end` are the measured time.",
        advice="`--fix-times` replaces such times. If you typed the time of another cut of the audio, leave it.",
        fields={"typed": "number: the typed time in seconds", "measured": "number: the measured time in seconds"},
    ),
    "time-offset": KindDescription(
        meaning=f"{FEWEST_OFFSET_TIMES} or more typed times in a row, but for single errors between them, are off by "
        f"one amount, to within {OFFSET_TOLERANCE_MS / 1000:g} s, or {FEWEST_RATE_TIMES} or more by an amount that "
        "grows evenly: the recording plays at another speed. There is one finding for each amount, with the typed "
        "times for which it holds; it replaces their `time-drift` findings. Where a passage was put in or cut out, the "
        "times after it have a finding of their own. `utterance` is the first one that shows it; `start` and `end` are "
        "both its measured time.",
        advice="The times were typed for another cut of the audio, such as one without an advertisement, or for a copy "
        "that plays faster or slower. `--fix-times` corrects them: those that were measured are replaced, and those of "
        "turns that were not surely found are moved by as much as the others. `from`, `by` and `rate` are what other "
        "programs need to do the same: a typed time `t` is right as `t + by + (rate - 1) * (t - from)`.",
        fields={
            "from": "number: the typed time from which on it holds, in seconds",
            "until": "number or null: the typed time from which on it does not, in seconds; null where it holds for "
            "all later times",
            "by": "number: what is to be added to the typed time `from`, in seconds; above 0 where it was typed early",
            "rate": "number: the recording's seconds for each typed second; only where they differ",
        },
    ),
    "times-start-again": KindDescription(
        meaning="The typed times fall to zero and rise again, as those of several recordings in one transcript do. "
        "Each later part is compared with the times of this recording by the constant that explains most of its "
        "times: only a time that differs from the others of its part is a `time-drift`. There is one finding for the "
        "whole file; it has no times.",
        advice="cuemark aligns one recording. If it is one part only, divide the transcript; if all parts are in it, "
        "`--fix-times` replaces the typed times by those of the recording.",
        fields={"lines": "array of integers: the lines at which the times start again, counted from 1"},
    ),
    "note-moved": KindDescription(
        meaning='The "Continue at" note has a new time, was added, or was removed because the transcript is complete. '
        "`start` and `end` are both the continue time, or null where there is none.",
        advice="Nothing: this is what the program is for.",
        fields={
            "old": "string or null: the note as it was",
            "new": "string or null: the note as it is to be; null where none is needed",
        },
        strict="no",
    ),
    "possible-label": KindDescription(
        meaning="Lines that begin with what may be a speaker's name and are read as text, because the file does not "
        "write its labels in this way, or the name occurs nowhere else. There is one finding for the whole file; it "
        "has no times.",
        advice="Look at the lines. Write a label as the file's others are written, or as `**Name**:`.",
        fields={"lines": "array of integers: the lines of the transcript, counted from 1"},
        strict="no",
    ),
    "incomplete-audio": KindDescription(
        meaning="The end of the recording is missing: it ends before the duration in its header, or its file before "
        "its own sizes say, as an incomplete download does. What there is of it is aligned. Words that are typed after "
        "the last one that was found are not called `not-heard`, and the transcript is not called complete: where all "
        "that is heard is typed, the note stays as it is. It has no times.",
        advice="Download or export the recording again. If it plays to its end, its header is wrong: convert it, for "
        "example with `ffmpeg -i OLD NEW.flac`.",
    ),
    "wrong-audio": KindDescription(
        meaning=f"The transcript and the audio do not belong together: fewer than {WRONG_AUDIO_SHARE:.0%} of the "
        "phrases that distinguish one text from another are said in the audio, in their order; or nothing that is "
        "typed is said in so many windows of a long recording that this is certain. Only the JSON document is "
        "written, and the command ends with status 1.",
        advice="Check that both are of the same episode. `--force` aligns them anyway.",
        strict="fails anyway",
    ),
}
"""Every kind with its description, in the order of the page."""


def counts_for_strict(finding: Finding, drafted: Sequence[Span]) -> bool:
    """Return whether a finding makes ``--strict`` end with status 1.

    Args:
        drafted: the spans of the drafted turns: a passage that overlaps one of them is no longer open.

    >>> counts_for_strict(Finding("untranscribed", "", span=Span(0, 900)), [Span(0, 900)])
    False
    """
    strict = FINDING_KINDS[finding.kind].strict
    if strict == "if sure":
        confidence = finding.details.get("confidence")
        return isinstance(confidence, float) and confidence >= STRICT_CONFIDENCE
    if strict == "unless drafted":
        return finding.span is None or not any(map(finding.span.overlap, drafted))
    return strict != "no"
