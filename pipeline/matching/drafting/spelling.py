"""Spelling correction of names and terms in drafts: "Oscar Lynd" if the panel has Oskar Lind.

Three kinds of evidence, the surest first: what the engine heard where the human wrote the name, by the alignment; the
same letters in other case or spacing (``NodeUp``, ``npm``); a capitalized word that is nearly a name. An ordinary word
is never changed. Ordinary is what occurs in lower case in either text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import regex
from rapidfuzz import fuzz, process

from pipeline.matching.drafting.detokenize import detokenize, split_time_by_letters
from pipeline.reading.labels.names import nearest_name
from pipeline.reading.words.han import SIMPLIFIED
from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, HeardWord, Hearing, Run, Transcript

MIN_NAME_SCORE = 80.0
"""A heard word is a name from this score on (``rapidfuzz.fuzz.ratio``, 0..100): "Oscar" is Oskar, "Hanna" is Hannah,
"Dana" is not Diana. This and the scores below were chosen by hand, on such examples."""

MIN_TERM_SCORE = 86.0
"""The same for a term that is no speaker's name: there are more of them, so chance matches are more frequent."""

MIN_LAST_NAME_SCORE = 60.0
"""The same for the word after a known first name."""

MIN_LEARNED_SCORE = 45.0
"""The same if the alignment puts both words at one place: "Colonel" is Kernel, "Yes" is not Oskar."""

MIN_WHOLE_NAME_SCORE = 88.0
"""The same for a whole name that was heard as one word."""

_MIN_WHOLE_NAME_LETTERS = 7  # of such a word
_MIN_NAME_LETTERS = 4  # shorter names are similar to too many words
_KEPT_WORDS = 1 << 13  # of the words of three hours, 3,000 to 5,000 are different
_MAX_NAME_WORDS = 3  # of one name, written or heard
_EDGES = regex.compile(r"^(?P<before>[^\p{L}\p{N}]*+)(?P<bare>.*?)(?P<after>(?:['’]s)?+[^\p{L}\p{N}+#]*+)$")
_UNUSUAL_FORM = regex.compile(r"\p{L}\p{Lu}|\p{L}\p{N}|\p{N}\p{L}{3}|[\p{L}\p{N}][_./-][\p{L}_]")
_MAX_TERMS = 2_000  # each capitalized word is compared with all of them
_CHINESE = ("zh", "yue")
_TO_SIMPLIFIED = str.maketrans(SIMPLIFIED)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names and terms are spelt; all keys are folded words (see ``fold_word``).

    Attributes:
        learned: what the engine writes for a name, to the words of the name.
        forms: terms in an unusual case ("nodeup": "NodeUp", "npm": "npm").
        people: the single words of the speakers' names.
        last_names: a first name, to the folded last names that follow it.
        whole_names: whole names as one word ("priyanand"), to their words.
        terms: other names that the human wrote.
        ordinary: words that occur in lower case.
        simplified: whether traditional Chinese characters are replaced by the simplified ones that the human writes.
    """

    learned: Mapping[tuple[str, ...], tuple[str, ...]]
    forms: Mapping[str, str]
    people: Mapping[str, str]
    last_names: Mapping[str, frozenset[str]]
    whole_names: Mapping[str, tuple[str, ...]]
    terms: Mapping[str, str]
    ordinary: frozenset[str]
    simplified: bool = False


def learn_spelling(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    speakers: Iterable[str | None] = (),
    sample: Transcript | None = None,
    show: Iterable[str] = (),
) -> Spelling:
    """Learn the human's spelling from the panel, the labels, the text, and what was heard where it was typed.

    Args:
        speakers: further names that voices have; one with a digit ("Unknown speaker 1") is not a name.
        sample: another transcript of the show, used in the place of one that is still empty.
        show: names and terms of the show, for what the transcript does not have.
    """
    heard_lower = frozenset(_in_lower_case(word.text for word in hearing.words))
    model = sample or transcript
    ordinary = heard_lower.union(_in_lower_case(word.shown for word in (*transcript.words, *model.words)))
    others = (*speakers, *model.panel)
    names = _names(transcript, [name for name in others if name and not any(map(str.isdigit, name))])
    people = _people(names)
    of_show = {fold_word(word): strip_punctuation(word) for term in show for word in term.split() if fold_word(word)}
    written = {**of_show, **_written_forms(model)}
    terms = {
        key: form
        for key, form in written.items()
        if form[0].isupper() and key not in ordinary and len(key) > _MIN_NAME_LETTERS and form.isalpha()
    }
    return Spelling(
        learned=dict(_learned(transcript, hearing, alignment, people.keys() | terms.keys(), ordinary)),
        forms={key: form for key, form in written.items() if _is_unusual(form) or _is_code(form, key, heard_lower)},
        people=people,
        last_names=_last_names(names, people),
        whole_names=_whole_names(names),
        terms=dict(list(terms.items())[:_MAX_TERMS]),
        ordinary=ordinary,
        simplified=hearing.language in _CHINESE and _is_simplified(model.source),
    )


def respell(words: Sequence[HeardWord], spelling: Spelling) -> tuple[HeardWord, ...]:
    """Return the words with names and terms in the human's spelling; times, punctuation and ``'s`` are kept."""
    if spelling.simplified:
        words = [replace(word, text=word.text.translate(_TO_SIMPLIFIED)) for word in words]
    respelt: list[HeardWord] = []
    at = 0
    while at < len(words):
        found = _from_learned(words, at, spelling)
        if found is None:
            starts = not respelt or has_sentence_stop(respelt[-1].text)
            text = _respell_word(words[at].text, respelt[-1].text if respelt else "", spelling, starts=starts)
            respelt.append(replace(words[at], text=text))
            at += 1
        else:
            texts, length = found
            respelt += split_time_by_letters(texts, words[at : at + length])
            at += length
    return tuple(respelt)


@lru_cache(maxsize=_KEPT_WORDS)
def strip_punctuation(text: str) -> str:
    """Return the word without punctuation at its ends and without ``'s``."""
    found = _EDGES.match(text)
    return found["bare"] if found else text


@lru_cache(maxsize=_KEPT_WORDS)
def fold_word(text: str) -> str:
    """Return the letters and digits of a word, folded for comparison (lower case, without ``'s``)."""
    return "".join(spoken_keys(strip_punctuation(text), "")) if not text.isascii() else _ascii_folded(text)


def _ascii_folded(text: str) -> str:
    return "".join(character for character in strip_punctuation(text).lower() if character.isalnum())


# --- respelling words --------------------------------------------------------------------------------------------


def _from_learned(words: Sequence[HeardWord], at: int, spelling: Spelling) -> tuple[list[str], int] | None:
    """Return the name that the words here mean, by what was learned, and the number of heard words; or None."""
    if not strip_punctuation(words[at].text)[:1].isupper() and _has_case(words[at].text):
        return None
    for length in range(min(_MAX_NAME_WORDS, len(words) - at), 0, -1):
        these = words[at : at + length]
        if any(_EDGES.sub(r"\g<after>", word.text) for word in these[:-1]):
            continue
        keys = tuple(fold_word(word.text) for word in these)
        name = spelling.learned.get(keys) or (_run_together(keys[0], spelling) if length == 1 else None)
        if name is not None:
            first, last = _EDGES.match(these[0].text), _EDGES.match(these[-1].text)
            texts = list(name)
            texts[0] = (first["before"] if first else "") + texts[0]
            texts[-1] += last["after"] if last else ""
            return texts, length
    return None


def _run_together(key: str, spelling: Spelling) -> tuple[str, ...] | None:
    """Return the words of the whole name that one heard word is ("Priyannand"); None if there is none."""
    if (
        len(key) < _MIN_WHOLE_NAME_LETTERS
        or key in spelling.ordinary
        or key in spelling.people
        or key in spelling.terms
    ):
        return None
    near = _nearest(key, spelling.whole_names, MIN_WHOLE_NAME_SCORE)
    return spelling.whole_names[near] if near else None


def _respell_word(text: str, before: str, spelling: Spelling, *, starts: bool) -> str:
    """Return one word in the human's spelling; unchanged if none is known."""
    found = _EDGES.match(text)
    if found is None or not found["bare"]:
        return text
    form = _known_form(found["bare"], before, spelling, starts=starts)
    return text if form is None else found["before"] + form + found["after"]


def _known_form(word: str, before: str, spelling: Spelling, *, starts: bool) -> str | None:
    """Return the spelling of a word without punctuation, with the word before it as context; None if not known."""
    key = fold_word(word)
    if key in spelling.forms:
        form = spelling.forms[key]
        return form if _is_unusual(form) or _is_unusual(word) or (word.isupper() and len(word) > 1) else None
    if not word[0].isupper():
        return None
    if key in spelling.people or key in spelling.terms or key in spelling.ordinary:
        return spelling.people.get(key)
    lasts = spelling.last_names.get(fold_word(before), frozenset())
    near = _nearest(key, lasts, MIN_LAST_NAME_SCORE) or _nearest(key, spelling.people, MIN_NAME_SCORE)
    if near is not None:
        return spelling.people[near]
    near = None if starts else _nearest(key, spelling.terms, MIN_TERM_SCORE)
    return spelling.terms[near] if near else None


def _nearest(key: str, names: Iterable[str], min_score: float) -> str | None:
    """Return the most similar name; short ones count only after their first name. None if none is similar enough."""
    shortest = 1 if min_score == MIN_LAST_NAME_SCORE else _MIN_NAME_LETTERS
    if len(key) < shortest:
        return None
    long = [name for name in names if len(name) >= shortest]
    found = process.extractOne(key, long, scorer=fuzz.ratio, score_cutoff=min_score)
    return found[0] if found else None


# --- learning the spelling ---------------------------------------------------------------------------------------


def _in_lower_case(texts: Iterable[str]) -> Iterator[str]:
    return (fold_word(text) for text in texts if strip_punctuation(text)[:1].islower())


def _names(transcript: Transcript, speakers: Sequence[str]) -> tuple[str, ...]:
    """Return the panel's names, and those of labels and voices that are not a misspelling of one of them."""
    labels = dict.fromkeys((*(one.speaker for one in transcript.utterances if one.speaker and one.label), *speakers))
    others = (name for name in labels if not transcript.panel or nearest_name(name, transcript.panel) is None)
    return tuple(dict.fromkeys(name.title() if name.isupper() else name for name in (*transcript.panel, *others)))


def _people(names: Iterable[str]) -> dict[str, str]:
    """Return the single words of the names, by their folded form."""
    people: dict[str, str] = {}
    for name in names:
        for part in name.split():
            if len(strip_punctuation(part)) > 1 and any(map(str.isalpha, part)):
                people.setdefault(fold_word(part), strip_punctuation(part))
    return people


def _last_names(names: Iterable[str], people: Mapping[str, str]) -> dict[str, frozenset[str]]:
    lasts: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for first, last in pairwise(name.split()):
            if fold_word(last) in people:
                lasts[fold_word(first)].add(fold_word(last))
    return {first: frozenset(names) for first, names in lasts.items()}


def _whole_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    split = (name.split() for name in names)
    return {"".join(map(fold_word, parts)): tuple(parts) for parts in split if 1 < len(parts) <= _MAX_NAME_WORDS}


def _written_forms(transcript: Transcript) -> dict[str, str]:
    """Return the human's spelling of each folded word inside sentences, without words that have more than one."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    before = ""
    turn = -1
    for word in transcript.words:
        form = strip_punctuation(word.shown)
        starts = word.utterance != turn or has_sentence_stop(before)
        if word.kind == "spoken" and form and not (starts and form.istitle()):
            spellings[fold_word(form)][form] += 1
        before, turn = word.shown, word.utterance
    return {key: next(iter(forms)) for key, forms in spellings.items() if len(forms) == 1 and key}


def _is_simplified(source: str) -> bool:
    """Return whether a Chinese text has simplified characters and no traditional ones."""
    letters = set(source)
    return not letters.isdisjoint(SIMPLIFIED.values()) and letters.isdisjoint(SIMPLIFIED)


def _is_unusual(form: str) -> bool:
    """Return whether case, digits or signs show a form to be intended: ``NodeUp``, ``IPC``, ``npm3``, ``libuv.org``."""
    return _UNUSUAL_FORM.search(form) is not None and any(map(str.isalpha, form))


def _is_code(form: str, key: str, heard_lower: frozenset[str]) -> bool:
    """Return whether a word is written in lower case only but never heard so: ``npm``, which engines write "NPM"."""
    return form.islower() and len(form) > 1 and key not in heard_lower


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _learned(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, names: Iterable[str], ordinary: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield what was heard in the place of a name, and the name, without ordinary words and ambiguous ones."""
    known = frozenset(names)
    heard_as: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for written, heard in _short_pairings(alignment):
        texts = tuple(strip_punctuation(transcript.words[k].shown) for k in written)
        sounds = detokenize(hearing.words[heard.start : heard.end], hearing.language)
        keys = tuple(fold_word(word.text) for word in sounds)
        if keys and all(keys) and all(texts):
            heard_as[keys].add(texts)
    for keys, forms in heard_as.items():
        name = next(iter(forms))
        parts = tuple(map(fold_word, name))
        is_name = len(forms) == 1 and known.issuperset(parts) and not ordinary.intersection(keys)
        if is_name and keys != parts and fuzz.ratio("".join(keys), "".join(parts)) >= MIN_LEARNED_SCORE:
            yield keys, name


def _short_pairings(alignment: Alignment) -> Iterator[tuple[Run, Run]]:
    """Yield the pairings of 1 to ``_MAX_NAME_WORDS`` written and heard words."""
    for pairing in alignment.pairings:
        if 0 < len(pairing.written) <= _MAX_NAME_WORDS and 0 < len(pairing.heard) <= _MAX_NAME_WORDS:
            yield pairing.written, pairing.heard
