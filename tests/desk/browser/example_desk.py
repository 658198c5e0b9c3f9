"""Episode 7 of the example show as a desk: what its typist typed, with the times and words of what is really said."""

from __future__ import annotations

import itertools
import json
import re

from tests.desk.browser.canned_server import LABEL, ROOT, Desk, Json, Spoken, silence, units

FOLDER = ROOT / "examples" / "kettle-and-kernel"
NAME = "07-the-slow-build"
NOTE = "<!-- Continue at 1:30! -->"

_numbers = itertools.count()


def item(kind: str, message: str, text: str, start: int, end: int) -> Json:
    """An item of the queue."""
    place = {"from": units(text[:start]), "to": units(text[:end])}
    return {"id": f"{kind}-{next(_numbers)}", "kind": kind, "message": message, "same": 1, **place}


def example() -> Desk:
    """The desk of the example, with two findings and four speakers; its sound is silence of the same length."""
    text = (FOLDER / f"{NAME}.md").read_text(encoding="utf-8")
    truth = json.loads((FOLDER / f"{NAME}.truth.json").read_text(encoding="utf-8"))
    names = truth["speakers"]
    turns = [[ms(one["start"]), ms(one["end"]), number(names, one["speaker"])] for one in truth["sentences"]]
    samples = [{"name": name, "sample": [1000 * n, 1000 * n + 3000], "seconds": 40} for n, name in enumerate(names)]
    note = units(text[: text.index(NOTE)])
    end = ms(truth["continue_at"])
    state: Json = {
        "file": {"name": f"{NAME}.md", "path": f"/srv/show/{NAME}.md"},
        "audio": {"name": f"{NAME}.mp3", "duration": ms(truth["duration"])},
        "labels": {"version": 0, "labels": labels(text, names), "times": [], "notes": [[note, note + len(NOTE)]]},
        "speakers": {"speakers": samples},
        "turns": {"turns": turns, "typed": [[0, end]]},
        "queue": {"version": 0, "items": findings(text)},
        "note": {"text": "<!-- Continue at 3:40! -->", "at": end, "complete": False},
    }
    return Desk(text, spoken_words(truth["sentences"]), state, silence(truth["duration"]), saved=text)


def ms(seconds: float) -> int:
    """Milliseconds."""
    return round(1000 * seconds)


def number(names: list[str], name: str) -> int | None:
    """The place of a speaker, None for one without a label."""
    return names.index(name) if name in names else None


def labels(text: str, names: list[str]) -> list[list[int | None]]:
    """Where the labels are, and whose."""
    found = LABEL.finditer(text)
    return [[units(text[: one.start()]), units(text[: one.end()]), number(names, one[1])] for one in found]


def spoken_words(sentences: list[Json]) -> list[Spoken]:
    """All words that are said, spread evenly over their sentences."""
    words: list[Spoken] = []
    before = None
    for place, sentence in enumerate(sentences):
        who = sentence["speaker"]
        said = str(sentence["spoken"]).split()
        start, end = ms(float(str(sentence["start"]))), ms(float(str(sentence["end"])))
        step = (end - start) / len(said)
        last = place + 1 == len(sentences) or sentences[place + 1]["speaker"] != who
        for n, word in enumerate(said):
            lead = f"\n\n**{who}**: " if who != before and n == 0 else " "
            end_of = "word" if n + 1 < len(said) else "turn" if last else "sentence"
            words.append(Spoken(word, round(start + n * step), round(start + (n + 1) * step), end_of, lead))
        before = who
    return words


def findings(text: str) -> list[Json]:
    """A turn under a wrong name, and a label that is misspelt."""
    wrong = [place.start() for place in re.finditer(re.escape("That is what I thought too."), text)][1]
    envy = text.index("**Oscar Lind**")
    miles = [{"id": "take-name", "title": "Take the name Miles Okoro"}]
    oskar = [
        {"id": "take-name", "title": "Take the name Oskar Lind"},
        {"id": "take-name-alike", "title": "The same for 2 alike"},
        {"id": "ignore", "title": "Ignore"},
    ]
    return [
        item("wrong-label", "The voice is Miles Okoro's, the label says Priya Nand.", text, wrong - 15, wrong + 27)
        | {"start": 141000, "end": 143000, "actions": miles},
        item("label-variant", "“Oscar Lind” is written only here; 7 turns are by Oskar Lind.", text, envy, envy + 15)
        | {"start": 196000, "end": 199000, "same": 2, "actions": oskar},
    ]
