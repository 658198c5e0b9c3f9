"""Measure how long the desk's server needs after an edit, on a made transcript of three hours and 30,000 words.

The words are those of the example, in random order, heard with one in ten of them wrong, and typed up to nine tenths.
Prints for each kind of edit the median and the 95th percentile of the quick step (what is sent 300 ms after the last
key), of a caret's suggestion right after an edit, and the time of settling, which a process of its own does. Then the
untyped minute of the example is finished with the grey text: how many keys that takes, and how long the server works
for it, compared with the minute's own length. All is processor time of one thread, so that other programs do not count.

    ./.venv/bin/python scripts/benchmark_desk.py [--words 30000] [--edits 20] [--seed 1]
"""

from __future__ import annotations

import argparse
import pickle
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

from pipeline.desk.changes import ChangeSet, count_units, replace_ranges
from pipeline.desk.desk_session import DeskSession
from pipeline.desk.serving import listener
from pipeline.desk.serving.background import collect_seldom
from pipeline.desk.settle import Given, Heard, pack_forced, settle, settle_text
from pipeline.episode.forced_times import stretches_to_force
from pipeline.episode.stored_alignment import decode_alignment, encode_alignment
from pipeline.matching.alignment.align import align
from pipeline.matching.forced.acceptance import DELAY_MS, ForcedResults
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Ms, Span
from tests.episodes.kept_hearing import kept_hearing

EXAMPLE = Path(__file__).parent.parent / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"
WORD_MS: Ms = 350
TYPED_SHARE = 0.9
WRONG_SHARE = 0.1


def made_text(words: int, dice: random.Random) -> tuple[str, Hearing]:
    """Return a transcript of some words, and what was heard of them."""
    known = [word.shown for word in parse(EXAMPLE.read_text(encoding="utf-8")).words if word.kind == "spoken"]
    known += [first[:3] + last[-3:] for first, last in zip(known, reversed(known), strict=True)]
    said = [dice.choice(known) for _ in range(words)]
    turns, at = list[str](), 0
    while at < TYPED_SHARE * words:
        length = dice.randint(10, 90)
        turns.append(f"**{dice.choice(['Ann', 'Bob', 'Cid'])}:** {' '.join(said[at : at + length])}.\n\n")
        at += length
    heard = tuple(
        HeardWord(
            word if dice.random() > WRONG_SHARE else dice.choice(known),
            Span(k * WORD_MS, k * WORD_MS + WORD_MS - 50),
            0.9,
        )
        for k, word in enumerate(said)
    )
    speech = tuple(Span(k * 10 * WORD_MS, (k * 10 + 9) * WORD_MS) for k in range(words // 10))
    text = "# 1: A Long Show\n\n" + "".join(turns) + "<!-- Continue at 9:30! -->\n"
    return text, Hearing(heard, speech, words * WORD_MS, "en", "none", "", "")


def made_forced(text: str, hearing: Hearing) -> ForcedResults:
    """Return what two aligners would find of a text: each word where it was heard."""
    document, config = parse(text), Given().config
    alignment = align(document.words, hearing.words, config.align, hearing.language)
    return tuple(
        (one.without_places(), Forced(one.start.start, *2 * (_forced_spans(one),)))
        for one in stretches_to_force(document, hearing, alignment, config)
    )


def _forced_spans(stretch: Stretch) -> tuple[Span | None, ...]:
    start = stretch.start.start + DELAY_MS
    return tuple(word.heard and word.heard.shift(-min(start, word.heard.start)) for word in stretch.words)


Edit = Callable[[str, random.Random], tuple[int, int, str]]


def one_word(text: str, dice: random.Random) -> tuple[int, int, str]:
    """Replace a word."""
    at = text.index(" ", dice.randrange(len(text) - 2_000)) + 1
    return at, text.index(" ", at), "samovar"


def a_sentence(text: str, dice: random.Random) -> tuple[int, int, str]:
    """Insert a sentence."""
    at = text.index(" ", dice.randrange(len(text) - 2_000))
    return at, at, " This is a sentence that nobody has said in this show, as far as we know."


def a_paragraph(text: str, dice: random.Random) -> tuple[int, int, str]:
    """Delete a paragraph."""
    at = text.index("\n\n", dice.randrange(len(text) - 4_000)) + 2
    return at, text.index("\n\n", at) + 2, ""


def at_the_end(text: str, dice: random.Random) -> tuple[int, int, str]:
    """Type a word at the end of the typed part."""
    at = text.index("\n\n<!--")
    return at, at, " " + dice.choice(text[:2_000].split())


KINDS: dict[str, Edit] = {
    "a word replaced": one_word,
    "a sentence inserted": a_sentence,
    "a paragraph deleted": a_paragraph,
    "typing at the end": at_the_end,
}


def changed(text: str, dice: random.Random) -> str:
    """Return a text with a word replaced in five places, as another program may have changed it."""
    for _ in range(5):
        start, end, word = one_word(text, dice)
        text = text[:start] + word + text[end:]
    return text


def opening(session: DeskSession, duration: Ms, dice: random.Random) -> Iterator[str]:
    """Yield how long a document takes to open with what is kept of a session: unchanged, and changed in five places."""
    kept = session.kept("key")
    content = encode_alignment(kept) if kept else b""
    for name, text in (("unchanged", session.source), ("changed in five places", changed(session.source, dice))):

        def open_again(text: str = text) -> None:
            again = decode_alignment(content, "key")
            DeskSession(text, Given(), duration, kept=again).state()

        yield f"open what was kept, {name}: {timed(open_again):.0f} ms, from {len(content) / 1e6:.1f} MB"


def timed(action: Callable[[], object]) -> float:
    """Return how many ms an action takes."""
    start = time.process_time()
    action()
    return 1_000 * (time.process_time() - start)


def settle_now(session: DeskSession) -> tuple[float, float]:
    """Settle the session; return how many ms the worker and the session need."""
    request = session.settle_request()
    if request is None:
        return 0.0, 0.0
    start = time.process_time()
    answer = settle(request)
    worker = 1_000 * (time.process_time() - start)

    def take() -> None:
        session.settled(answer)
        session.events()

    return worker, timed(take)


def finish_example(unit: str) -> tuple[int, int, float]:
    """Finish the example with the grey text; returns the keys, the characters that they wrote, and the server's ms.

    Args:
        unit: what one key takes: a word, a sentence or a turn.
    """
    session = DeskSession(EXAMPLE.read_text(encoding="utf-8"), Given(), kept_hearing().duration)
    session.heard(kept_hearing(), None, complete=True)
    settle_now(session)
    keys, written, spent = 0, 0, 0.0
    at = count_units(session.source[: session.source.rindex("\n\n<!--")])
    ends = {"word": ("word", "sentence", "turn"), "sentence": ("sentence", "turn"), "turn": ("turn",)}[unit]
    while True:
        start = time.process_time()
        pieces = cast("list[dict[str, str]]", session.caret(session.version, at)["pieces"])
        spent += 1_000 * (time.process_time() - start)
        if not pieces:
            return keys, written, spent
        last = next((n for n, piece in enumerate(pieces) if piece["end_of"] in ends), len(pieces) - 1)
        text = "".join(piece["text"] for piece in pieces[: last + 1])
        changes = replace_ranges(count_units(str(session.state()["text"])), [(at, at, text)])
        session.update(session.version, [{"clientID": "page", "changes": changes.to_json()}])
        spent += timed(session.quick)
        at += count_units(text)
        keys, written = keys + 1, written + len(text)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    collect_seldom()  # as the desk does
    dice = random.Random(options.seed)  # noqa: S311 -- a made text
    text, hearing = made_text(options.words, dice)
    opened = time.process_time()
    session = DeskSession(text, Given(), hearing.duration)
    whole = (Span(0, hearing.duration),)
    forced = pack_forced(made_forced(text, hearing))
    sent = pickle.dumps(listener.Heard(hearing, None, whole, complete=True, last=True, forced=forced))
    arriving = timed(lambda: pickle.loads(sent))  # noqa: S301 -- our own bytes
    arriving += timed(lambda: session.heard(hearing, None, complete=True, forced=forced))
    worker, taken = settle_now(session)
    out = sys.stdout.write
    out(f"{options.words} words, {hearing.duration / 3_600_000:.1f} h, {len(text)} characters\n")
    out(f"open and align: {time.process_time() - opened:.1f} s, of which settling {worker:.0f} ms\n")
    out(f"what is heard, with forced words, arrives in {arriving:.0f} ms, from {len(sent) / 1e6:.1f} MB\n")
    out(f"the session takes a settled alignment in {taken:.0f} ms\n")
    for line in opening(session, hearing.duration, random.Random(options.seed)):  # noqa: S311 -- the same
        out(f"{line}\n")
    for name, edit in KINDS.items():
        quick, caret = list[float](), list[float]()
        for _ in range(options.edits):
            start, end, typed = edit(session.source, dice)
            changes: ChangeSet = replace_ranges(len(session.source), [(start, end, typed)])
            session.update(session.version, [{"clientID": "page", "changes": changes.to_json()}])
            at = start + len(typed)
            caret.append(timed(partial(session.caret, session.version, at)))
            quick.append(caret[-1] + timed(session.quick))
        out(f"{name:20}  quick step {_figures(quick)}  suggestion {_figures(caret)}\n")
    worker, taken = settle_now(session)
    out(f"settling after these edits: {worker:.0f} ms in the worker, {taken:.0f} ms in the session\n")
    untyped = kept_hearing().speech[-1].end - (find_continue_at() or 0)
    for unit in ("word", "sentence", "turn"):
        keys, written, spent = finish_example(unit)
        share = 100 * spent / untyped
        out(
            f"the example's last {untyped / 1_000:.0f} s, by the {unit}: {keys} keys for {written} characters; "
            f"the server works {spent:.0f} ms, {share:.1f} % of that time\n"
        )


def find_continue_at() -> Ms | None:
    """Return where the typing of the example stops."""
    heard = Heard(kept_hearing(), complete=True)
    return settle_text(EXAMPLE.read_text(encoding="utf-8"), heard, Given())[0].continue_point.at


def _figures(values: list[float]) -> str:
    high = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"median {statistics.median(values):4.0f} ms, 95 % {high:4.0f} ms"


if __name__ == "__main__":
    main()
