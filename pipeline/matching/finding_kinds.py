"""What each kind of finding means and what to do about it: the text of the reference page ``findings.md``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.matching.alignment.timing import UNHEARD_RUN_WORDS
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.matching.findings import FEWEST_OFFSET_TIMES, LEAST_DRIFT_MS, OFFSET_TOLERANCE_MS, WRONG_AUDIO_SHARE
from pipeline.matching.label_findings import SHARED_TURN_PART_MS
from pipeline.matching.speakers.embeddings import MIN_JUDGED_UTTERANCE_MS
from pipeline.schema import SURE_CONFIDENCE, FindingKind


@dataclass(frozen=True, slots=True)
class KindDescription:
    """One kind of finding, for the people who read it.

    Attributes:
        meaning: what was found, and what its times and its utterance are.
        advice: what to do about it.
        fields: the fields that only this kind has in the JSON document, with their types and meanings.
        strict: when it makes ``--strict`` end with status 1.
    """

    meaning: str
    advice: str
    fields: Mapping[str, str] = field(default_factory=dict)
    strict: str = "yes"


FINDING_KINDS: Mapping[FindingKind, KindDescription] = {
    "untranscribed": KindDescription(
        meaning=f"{LEAST_UNTRANSCRIBED_WORDS} or more words are said here that the transcript does not have: at the "
        "end, where the typing stopped, or in the middle, where a passage was left out. `start` and `end` are those of "
        "the passage, `utterance` is the one before it.",
        advice="Type the passage, or let `cuemark finish` draft it; passages in the middle need `--fill-gaps`. "
        "A passage that was left out on purpose can stay as it is.",
        fields={"words": "string: a draft of what is said"},
        strict="yes, unless `cuemark finish` has drafted the passage",
    ),
    "not-heard": KindDescription(
        meaning=f"A whole utterance, or {UNHEARD_RUN_WORDS} or more words in a row within one, that nobody says. These "
        "words have no times. `start` and `end` are those of the utterance, or null where all of it was not found.",
        advice="Listen to the place. Usually the text is a note that is not spoken, was moved to another place, or "
        "belongs to a part that was cut from the audio.",
    ),
    "low-confidence": KindDescription(
        meaning=f"An utterance was found, but its confidence is below {SURE_CONFIDENCE:g}: it gets no time in the "
        "document and is not in the subtitles. `start` and `end` are where it probably is. Where `utterance` is null, "
        "too few words are typed to decide whether they belong to this audio.",
        advice="Listen at the given time. If the text is very free there, bring it closer to what is said, or type the "
        "time by hand.",
    ),
    "speaker-mismatch": KindDescription(
        meaning="The label names one person, and the voice is that of another one whom the transcript labels "
        f"elsewhere. Turns shorter than {MIN_JUDGED_UTTERANCE_MS / 1000:g} s are not judged. The label is not changed.",
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
        meaning="A voice that no label names. `start` and `end` are its first stretch of speech; it has no utterance.",
        advice="Listen there. It is a person whose turns are not labelled or not typed yet, a recording that is "
        "played, or one voice that was taken for two; `--speakers` says how many people speak.",
        fields={
            "name": "string: what it is called in the results, such as `Unknown speaker 1`",
            "seconds": "number: how long it speaks in all",
        },
    ),
    "name-variant": KindDescription(
        meaning="A label is no name of the panel. There is one finding for each spelling, with the first utterance "
        "that has it; it has no times.",
        advice="Correct the spelling, or add the person to the panel.",
        fields={
            "label": "string: the name as typed",
            "nearest": "string or null: the name of the panel that is probably meant",
        },
    ),
    "time-drift": KindDescription(
        meaning=f"A time that was typed by hand is off by {LEAST_DRIFT_MS / 1000:g} s or more. It stays as it is. "
        "`start` and `end` are the measured time.",
        advice="`--fix-times` replaces such times. If you typed the time of another cut of the audio, leave it.",
        fields={"typed": "number: the typed time in seconds", "measured": "number: the measured time in seconds"},
    ),
    "time-offset": KindDescription(
        meaning=f"{FEWEST_OFFSET_TIMES} or more typed times are off by the same amount, to within "
        f"{OFFSET_TOLERANCE_MS / 1000:g} s. This finding replaces their `time-drift` findings and has no "
        "times of its own.",
        advice="The times were typed for another cut of the audio, such as one without the advertisement at its start. "
        "`--fix-times` replaces them.",
        fields={
            "from": "number: the first of these times as typed, in seconds",
            "by": "number: how much later (above 0) or earlier (below 0) it is said, in seconds",
        },
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
    "wrong-audio": KindDescription(
        meaning=f"The transcript and the audio do not belong together: fewer than {WRONG_AUDIO_SHARE:.0%} of the "
        "phrases that tell one text from another are said in the audio, in their order. Only the JSON document is "
        "written, and the command ends with status 1.",
        advice="Check that both are of the same episode. `--force` aligns them all the same.",
        strict="it fails without `--strict` too, unless `--force` is given",
    ),
}
"""Every kind with its description, in the order of the page."""
