"""Drafts of untranscribed speech, as turns that a person would type: under names, in sentences and paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from pipeline.matching.drafting.detokenize import detokenize
from pipeline.matching.drafting.disfluency import is_spoken, punctuate_turn, remove_fillers
from pipeline.matching.drafting.paragraphs import paragraph_starts
from pipeline.matching.drafting.spelling import Spelling, learn_spelling, respell
from pipeline.matching.drafting.untranscribed import Passage, find_gaps, find_rest, find_unintelligible
from pipeline.matching.drafting.word_speakers import assign_words, remove_back_channels
from pipeline.options import option
from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.reading.words.word_breaks import join_words
from pipeline.schema import DraftTurn, HeardWord, NamedTurn, Result, Transcript

UNCERTAIN_PROBABILITY = 0.4
"""Words below this probability are marked, if the options ask for it. Chosen by hand."""

UNCERTAIN_START_PROBABILITY = 0.25
"""The same for the first word of a sentence, which always has a lower probability from Whisper. Chosen by hand."""

MIN_FILL_PROBABILITY = 0.6
"""What was heard replaces an unintelligible mark if each of its words has at least this probability. Chosen by hand."""

UNCERTAIN_MARK = "[?]"

_END_PUNCTUATION = regex.compile(r"[.,;:!?…]++$")  # left out, because the human's own follows the mark


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """How untranscribed speech is drafted."""

    verbatim: bool = option(
        default=False, meaning="Keep every um and every listener's yeah, instead of leaving them out."
    )
    mark_uncertain: bool = option(
        default=False, meaning="Put [?] after words that Whisper is not sure of, so that you listen again."
    )
    fill_gaps: bool = option(
        default=False, meaning="Draft the passages in the middle too that the typist left out, not only the rest."
    )
    fill_unintelligible: bool = option(
        default=False, meaning="Write what Whisper heard in the place of [unintelligible], if it is sure."
    )


def draft(
    result: Result,
    turns: Sequence[NamedTurn],
    options: DraftOptions,
    sample: Transcript | None = None,
    terms: Sequence[str] = (),
) -> tuple[DraftTurn, ...]:
    """Draft the rest of an episode, and the gaps in the middle if the options ask for them.

    Turns are in the order of the document: gaps by their place, then the rest in order of time. Each has a spoken word;
    no two neighbours of the rest have the same speaker. Nothing is drafted that is written already, so drafting a
    finished document gives nothing.

    Args:
        turns: who speaks when, ordered and disjoint, under the names of the transcript; empty if it is not known.
        sample: another transcript of the show, whose spelling is followed while this one is empty.
        terms: names and terms of the show, whose spelling is followed for what the transcript does not have.
    """
    names = dict.fromkeys(turn.name for turn in turns)
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment, names, sample, terms)
    gap_turns = [
        turn
        for passage in (find_gaps(result) if options.fill_gaps else ())
        for turn in _passage_turns(result, passage, turns, spelling, options)
    ]
    mark_turns = _unintelligible_turns(result, spelling) if options.fill_unintelligible else ()
    inside = sorted((*gap_turns, *mark_turns), key=lambda turn: (turn.fills.start if turn.fills else 0, turn.span))
    return (
        *inside,
        *(turn for passage in find_rest(result) for turn in _passage_turns(result, passage, turns, spelling, options)),
    )


def _passage_turns(
    result: Result, passage: Passage, turns: Sequence[NamedTurn], spelling: Spelling, options: DraftOptions
) -> Iterator[DraftTurn]:
    """Draft one passage as turns, in the human's spelling."""
    heard = result.hearing.words[passage.heard.start : passage.heard.end]
    for speaker, words in readable_turns(heard, turns, result.hearing.language, verbatim=options.verbatim):
        yield _turn(speaker, respell(punctuate_turn(words), spelling), passage, options)


def readable_turns(
    heard: Sequence[HeardWord], turns: Sequence[NamedTurn], language: str, *, verbatim: bool = False
) -> list[tuple[str | None, list[HeardWord]]]:
    """Return what is heard as turns of words, each with its speaker, as people write it.

    Back-channels and fillers are left out unless it is to be verbatim; each turn has a spoken word, and no two
    neighbours have the same speaker. Sentences are not begun or ended (see ``disfluency.punctuate_turn``).

    Args:
        heard: words in order.
        turns: who speaks when, ordered and disjoint; empty if it is not known.
        language: of the words.
        verbatim: whether every um is kept.
    """
    words = detokenize(heard, language)
    runs = assign_words(words, turns)
    readable: list[tuple[str | None, list[HeardWord]]] = []
    for one in runs if verbatim else remove_back_channels(runs, words):
        run_words = words[one.run.start : one.run.end]
        kept = run_words if verbatim else remove_fillers(run_words, language)
        if not any(is_spoken(word.text, language) for word in kept):
            continue
        if readable and readable[-1][0] == one.speaker:
            readable[-1][1].extend(kept)
        else:
            readable.append((one.speaker, list(kept)))
    return readable


def _turn(speaker: str | None, words: tuple[HeardWord, ...], passage: Passage, options: DraftOptions) -> DraftTurn:
    edges = (*paragraph_starts(words), len(words))
    paragraphs = (_text(words[start:end], mark=options.mark_uncertain) for start, end in pairwise(edges))
    return DraftTurn(speaker, words[0].span.cover(words[-1].span), words, "\n\n".join(paragraphs), passage.fills)


def _unintelligible_turns(result: Result, spelling: Spelling) -> Iterator[DraftTurn]:
    """Draft the words for each unintelligible mark that were heard with enough probability, to go into the sentence."""
    for passage, utterance in find_unintelligible(result):
        heard = detokenize(result.hearing.words[passage.heard.start : passage.heard.end], result.hearing.language)
        words = respell(remove_fillers(heard, result.hearing.language), spelling)
        if words and all(word.probability is not None and word.probability >= MIN_FILL_PROBABILITY for word in words):
            span = words[0].span.cover(words[-1].span)
            text = _END_PUNCTUATION.sub("", join_words(word.text for word in words))
            yield DraftTurn(result.transcript.utterances[utterance].speaker, span, words, text, passage.fills)


def _text(words: Sequence[HeardWord], *, mark: bool) -> str:
    """Return the words as text; a mark follows the last of several uncertain words in a row."""
    starts = [True, *(has_sentence_stop(word.text) for word in words[:-1])]
    unsure = [mark and _is_uncertain(word, starts=begins) for word, begins in zip(words, starts, strict=True)]
    parts: list[str] = []
    for word, is_unsure, goes_on in zip(words, unsure, [*unsure[1:], False], strict=True):
        parts += [word.text, UNCERTAIN_MARK] if is_unsure and not goes_on else [word.text]
    return join_words(parts)


def _is_uncertain(word: HeardWord, *, starts: bool) -> bool:
    return word.probability is not None and word.probability < (
        UNCERTAIN_START_PROBABILITY if starts else UNCERTAIN_PROBABILITY
    )
