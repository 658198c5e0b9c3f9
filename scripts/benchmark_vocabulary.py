"""Measure the use of a real show's vocabulary, if no episode is typed but each has a short description.

For each episode: how often the names and terms of the show are heard without a hint, with the terms of the episode's
own description as a hint, and with those of all other descriptions. Whether they are said there is not known;
``--differences`` prints what is heard differently, to be compared with the audio.

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

DESCRIPTIONS_TOGETHER = 5
"""The descriptions that are read as one transcript: in a single one, capitals do not mark names reliably."""


def main() -> int:
    """Transcribe and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--only", nargs="+", help="the episodes to transcribe, as in the first column")
    parser.add_argument(
        "--differences", action="store_true", help="print what is heard differently than without a hint"
    )
    arguments = parser.parse_args()
    episodes = read(arguments.folder / "episodes.tsv")
    config = load_settings(None, None, {"transcribe.model": arguments.model, "transcribe.language": "en"}).config
    engine = load_engine(config)
    total: dict[str, Counter[str]] = {}
    for episode in episodes:
        if arguments.only and episode["episode"] not in arguments.only:
            continue
        forms = terms_by_form(episode, episodes)
        names = {key for terms in forms.values() for term in terms for key in spoken_keys(term, "en")}
        without_hint: list[str] = []
        for form, terms in forms.items():
            hearing = listen(arguments.folder / episode["file"], engine, as_hint(terms), config)
            heard = [word.text for word in hearing.words]
            found = Counter(key for key in spoken_keys(" ".join(heard), "en") if key in names)
            print(f"{episode['episode']:4} {form:6} {len(heard):5} words, names: {dict(found)}", flush=True)
            total[form] = total.get(form, Counter()) + found
            without_hint = without_hint or heard
            for line in differences(without_hint, heard) if arguments.differences else ():
                print(f"       {line}")
    for form, found in total.items():
        print(f"all  {form:6} {found.total():5} names: {dict(found)}")
    return 0


def read(file: Path) -> list[dict[str, str]]:
    """Return the episodes, in the order of the show."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def terms_by_form(episode: Mapping[str, str], episodes: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the terms of each form of hint; the first form has none."""
    others = [other for other in episodes if other["episode"] != episode["episode"]]
    several = [others[start : start + DESCRIPTIONS_TOGETHER] for start in range(0, len(others), DESCRIPTIONS_TOGETHER)]
    show = [parse("\n\n".join(map(description, some))) for some in several]
    return {"none": (), "own": select_prompt_terms(parse(description(episode))), "show": collect_vocabulary(show)}


def description(episode: Mapping[str, str]) -> str:
    """Return the description as prose, after the title without its number and its capitals."""
    title = episode["title"].partition(" - ")[2]
    return f"{title.capitalize()}. {episode['description']}"


def differences(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Yield what is heard in the place of what, with a word on both sides."""
    for tag, start, end, begin, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield f"{' '.join(before[max(0, start - 1) : end + 1])} => {' '.join(after[max(0, begin - 1) : stop + 1])}"


if __name__ == "__main__":
    sys.exit(main())
