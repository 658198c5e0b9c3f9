"""Measure what a real show's vocabulary brings, where nobody has typed its words but each episode has a few notes.

For each episode: how often the names and terms of the show are heard, with nothing told, with the terms of the
episode's own notes, and with those of all other notes. Whether they are said there is not known; ``--differences``
prints what is heard otherwise, to be read against the sound.

    ./.venv/bin/python -m scripts.benchmark_vocabulary FOLDER [--model base] [--only 06 22] [--differences]

FOLDER holds ``episodes.tsv`` with the columns ``episode``, ``title``, ``description`` and ``file``, and the audio.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.listening.transcribe import as_hint
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.settings.precedence import load_settings
from scripts.benchmark_hints import listen, load_engine

TOGETHER = 5
"""So many notes stand for one transcript: in a single one capitals do not tell names from other words."""


def main() -> int:
    """Listen and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--only", nargs="+", help="the episodes to listen to, as in the first column")
    parser.add_argument("--differences", action="store_true", help="print what is heard otherwise than untold")
    arguments = parser.parse_args()
    episodes = read(arguments.folder / "episodes.tsv")
    config = load_settings(None, None, {"transcribe.model": arguments.model, "transcribe.language": "en"}).config
    engine = load_engine(config)
    total: dict[str, Counter[str]] = {}
    for episode in episodes:
        if arguments.only and episode["episode"] not in arguments.only:
            continue
        forms = told(episode, episodes)
        names = {key for terms in forms.values() for term in terms for key in spoken_keys(term, "en")}
        untold: list[str] = []
        for form, terms in forms.items():
            hearing = listen(arguments.folder / episode["file"], engine, as_hint(terms), config)
            heard = [word.text for word in hearing.words]
            found = Counter(key for key in spoken_keys(" ".join(heard), "en") if key in names)
            print(f"{episode['episode']:4} {form:6} {len(heard):5} words, names: {dict(found)}", flush=True)
            total[form] = total.get(form, Counter()) + found
            untold = untold or heard
            for line in differences(untold, heard) if arguments.differences else ():
                print(f"       {line}")
    for form, found in total.items():
        print(f"all  {form:6} {found.total():5} names: {dict(found)}")
    return 0


def read(file: Path) -> list[dict[str, str]]:
    """The episodes, in the order of the show."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def told(episode: Mapping[str, str], episodes: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """The terms of each form of telling; nothing comes first."""
    others = [other for other in episodes if other["episode"] != episode["episode"]]
    several = [others[start : start + TOGETHER] for start in range(0, len(others), TOGETHER)]
    show = [parse("\n\n".join(map(notes, some))) for some in several]
    return {"none": (), "own": select_prompt_terms(parse(notes(episode))), "show": collect_vocabulary(show)}


def notes(episode: Mapping[str, str]) -> str:
    """The notes as prose; the title without its number and its capitals."""
    title = episode["title"].partition(" - ")[2]
    return f"{title.capitalize()}. {episode['description']}"


def differences(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """What stands in the place of what, with a word of its surroundings."""
    for tag, start, end, begin, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield f"{' '.join(before[max(0, start - 1) : end + 1])} => {' '.join(after[max(0, begin - 1) : stop + 1])}"


if __name__ == "__main__":
    sys.exit(main())
