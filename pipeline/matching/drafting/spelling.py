"""Names and terms as the human spelt them, for what is drafted: "Oscar Lynd" where the panel has Oskar Lind.

Three kinds of evidence, from sure to fair: what the engine wrote where the human wrote the name (the alignment tells);
the same letters in other case or spacing (``NodeUp``, ``npm``); a capitalised word that is nearly a name. An ordinary
word is never changed: one that stands in lower case anywhere, in either text, is ordinary.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex
from rapidfuzz import fuzz, process

from pipeline.matching.drafting.detokenize import detokenize, split_time_by_letters
from pipeline.matching.drafting.disfluency import ends_sentence
from pipeline.reading.labels.names import nearest_name
from pipeline.reading.words.han import SIMPLIFIED
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, HeardWord, Hearing, Run, Transcript

MIN_NAME_SCORE = 80.0
"""Of 100: "Oscar" is Oskar, "Hanna" is Hannah, "Dana" is not Diana."""

MIN_TERM_SCORE = 86.0
"""The same for a term that is no speaker's name: there are more of them, so chance is greater."""

MIN_LAST_NAME_SCORE = 60.0
"""The same for the word after a known first name."""

MIN_LEARNED_SCORE = 45.0
"""The same where the alignment puts the two at one place: "Colonel" is Kernel, "Yes" is not Oskar."""

MIN_WHOLE_NAME_SCORE = 88.0
"""The same for a whole name that was heard as one word."""

_SHORTEST_WHOLE = 7  # letters of such a word
_SHORTEST = 4  # letters of a name that a misheard one is compared with
_LONGEST = 3  # words of one name, on either side
_EDGES = regex.compile(r"^(?P<before>[^\p{L}\p{N}]*+)(?P<bare>.*?)(?P<after>(?:['’]s)?+[^\p{L}\p{N}+#]*+)$")
_ODD = regex.compile(r"\p{L}\p{Lu}|\p{L}\p{N}|\p{N}\p{L}{3}|[\p{L}\p{N}][_./-][\p{L}_]")
_MOST_TERMS = 2_000
_CHINESE = ("zh", "yue")
_TO_SIMPLIFIED = str.maketrans(SIMPLIFIED)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names and terms are spelt.

    Attributes:
        learned: what the engine writes for a name, folded, and the name's words.
        forms: the folded letters of a term in an odd case, and the term ("nodeup": "NodeUp", "npm": "npm").
        people: the single words of the speakers' names, folded, and the names' spelling.
        following: a first name, folded, and the last names that go with it.
        whole: a whole name run together and folded ("priyanand"), and its words.
        terms: other names that the human wrote, folded, and their spelling.
        ordinary: words that stand in lower case somewhere, folded.
        simplified: whether traditional Chinese characters become the simplified ones that the human writes.
    """

    learned: Mapping[tuple[str, ...], tuple[str, ...]]
    forms: Mapping[str, str]
    people: Mapping[str, str]
    following: Mapping[str, frozenset[str]]
    whole: Mapping[str, tuple[str, ...]]
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
        speakers: names that voices are known under besides; one with a digit ("Unknown speaker 1") is no name.
        sample: another transcript of the show, for one that is still empty.
        show: names and terms of the show, for what the transcript has no spelling of.
    """
    heard_low = frozenset(_in_lower_case(word.text for word in hearing.words))
    told = sample or transcript
    ordinary = heard_low.union(_in_lower_case(word.shown for word in (*transcript.words, *told.words)))
    others = (*speakers, *told.panel)
    names = _names(transcript, [name for name in others if name and not any(map(str.isdigit, name))])
    people = _people(names)
    of_show = {fold_word(word): strip_punctuation(word) for term in show for word in term.split() if fold_word(word)}
    written = {**of_show, **_written_forms(told)}
    terms = {
        key: form
        for key, form in written.items()
        if form[0].isupper() and key not in ordinary and len(key) > _SHORTEST and form.isalpha()
    }
    return Spelling(
        learned=dict(_learned(transcript, hearing, alignment, people.keys() | terms.keys(), ordinary)),
        forms={key: form for key, form in written.items() if _is_odd(form) or _is_code(form, key, heard_low)},
        people=people,
        following=_following(names, people),
        whole=_whole(names),
        terms=dict(list(terms.items())[:_MOST_TERMS]),
        ordinary=ordinary,
        simplified=hearing.language in _CHINESE and _is_simplified(told.source),
    )


def respell(words: Sequence[HeardWord], spelling: Spelling) -> tuple[HeardWord, ...]:
    """The words with names and terms as the human spelt them; times stay, punctuation and a ``'s`` too."""
    if spelling.simplified:
        words = [replace(word, text=word.text.translate(_TO_SIMPLIFIED)) for word in words]
    settled: list[HeardWord] = []
    at = 0
    while at < len(words):
        found = _from_learned(words, at, spelling)
        if found is None:
            starts = not settled or ends_sentence(settled[-1].text)
            text = _single(words[at].text, settled[-1].text if settled else "", spelling, starts=starts)
            settled.append(replace(words[at], text=text))
            at += 1
        else:
            texts, length = found
            settled += split_time_by_letters(texts, words[at : at + length])
            at += length
    return tuple(settled)


def strip_punctuation(text: str) -> str:
    """The word without punctuation at its ends and without ``'s``."""
    found = _EDGES.match(text)
    return found["bare"] if found else text


def fold_word(text: str) -> str:
    """The letters and digits of a word, folded to one spelling."""
    return "".join(spoken_keys(strip_punctuation(text), "")) if not text.isascii() else _ascii_folded(text)


def _ascii_folded(text: str) -> str:
    return "".join(character for character in strip_punctuation(text).lower() if character.isalnum())


# --- using it ----------------------------------------------------------------------------------------------------


def _from_learned(words: Sequence[HeardWord], at: int, spelling: Spelling) -> tuple[list[str], int] | None:
    """The name that begins here as the engine is known to write it, and how many heard words it takes."""
    if not strip_punctuation(words[at].text)[:1].isupper() and _has_case(words[at].text):
        return None
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
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
    """The whole name that one heard word is: "Priyannand"."""
    if len(key) < _SHORTEST_WHOLE or key in spelling.ordinary or key in spelling.people or key in spelling.terms:
        return None
    near = _nearest(key, spelling.whole, MIN_WHOLE_NAME_SCORE)
    return spelling.whole[near] if near else None


def _single(text: str, before: str, spelling: Spelling, *, starts: bool) -> str:
    """One word in the human's spelling; itself where nothing says so."""
    found = _EDGES.match(text)
    if found is None or not found["bare"]:
        return text
    form = _form(found["bare"], before, spelling, starts=starts)
    return text if form is None else found["before"] + form + found["after"]


def _form(word: str, before: str, spelling: Spelling, *, starts: bool) -> str | None:
    key = fold_word(word)
    if key in spelling.forms:
        form = spelling.forms[key]
        return form if _is_odd(form) or _is_odd(word) or (word.isupper() and len(word) > 1) else None
    if not word[0].isupper():
        return None
    if key in spelling.people or key in spelling.terms or key in spelling.ordinary:
        return spelling.people.get(key)
    lasts = spelling.following.get(fold_word(before), frozenset())
    near = _nearest(key, lasts, MIN_LAST_NAME_SCORE) or _nearest(key, spelling.people, MIN_NAME_SCORE)
    if near is not None:
        return spelling.people[near]
    near = None if starts else _nearest(key, spelling.terms, MIN_TERM_SCORE)
    return spelling.terms[near] if near else None


def _nearest(key: str, names: Iterable[str], least: float) -> str | None:
    """The name that is nearest; short ones are too easily like anything, unless a first name has told."""
    shortest = 1 if least == MIN_LAST_NAME_SCORE else _SHORTEST
    if len(key) < shortest:
        return None
    long = [name for name in names if len(name) >= shortest]
    found = process.extractOne(key, long, scorer=fuzz.ratio, score_cutoff=least)
    return found[0] if found else None


# --- learning it -------------------------------------------------------------------------------------------------


def _in_lower_case(texts: Iterable[str]) -> Iterator[str]:
    return (fold_word(text) for text in texts if strip_punctuation(text)[:1].islower())


def _names(transcript: Transcript, speakers: Sequence[str]) -> tuple[str, ...]:
    """The panel's names, and those of labels and voices that are no slip of one of them."""
    labels = dict.fromkeys((*(one.speaker for one in transcript.utterances if one.speaker and one.label), *speakers))
    others = (name for name in labels if not transcript.panel or nearest_name(name, transcript.panel) is None)
    return tuple(dict.fromkeys(name.title() if name.isupper() else name for name in (*transcript.panel, *others)))


def _people(names: Iterable[str]) -> dict[str, str]:
    """Each word of the names."""
    people: dict[str, str] = {}
    for name in names:
        for part in name.split():
            if len(strip_punctuation(part)) > 1 and any(map(str.isalpha, part)):
                people.setdefault(fold_word(part), strip_punctuation(part))
    return people


def _following(names: Iterable[str], people: Mapping[str, str]) -> dict[str, frozenset[str]]:
    lasts: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for first, last in pairwise(name.split()):
            if fold_word(last) in people:
                lasts[fold_word(first)].add(fold_word(last))
    return {first: frozenset(names) for first, names in lasts.items()}


def _whole(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    parted = (name.split() for name in names)
    return {"".join(map(fold_word, parts)): tuple(parts) for parts in parted if 1 < len(parts) <= _LONGEST}


def _written_forms(transcript: Transcript) -> dict[str, str]:
    """For each word as folded, the human's only way to write it inside sentences; none where there are two ways."""
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    before = ""
    turn = -1
    for word in transcript.words:
        form = strip_punctuation(word.shown)
        starts = word.utterance != turn or ends_sentence(before)
        if word.kind == "spoken" and form and not (starts and form.istitle()):
            ways[fold_word(form)][form] += 1
        before, turn = word.shown, word.utterance
    return {key: next(iter(forms)) for key, forms in ways.items() if len(forms) == 1 and key}


def _is_simplified(source: str) -> bool:
    """Whether a Chinese text has simplified characters, and no traditional ones."""
    letters = set(source)
    return not letters.isdisjoint(SIMPLIFIED.values()) and letters.isdisjoint(SIMPLIFIED)


def _is_odd(form: str) -> bool:
    """Whether a term's case or signs tell that it is meant so: ``NodeUp``, ``IPC``, ``npm3``, ``libuv.org``."""
    return _ODD.search(form) is not None and any(map(str.isalpha, form))


def _is_code(form: str, key: str, heard_low: frozenset[str]) -> bool:
    """Whether a word is written in lower case alone and never heard so: ``npm``, which engines write "NPM"."""
    return form.islower() and len(form) > 1 and key not in heard_low


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _learned(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, names: Iterable[str], ordinary: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What was heard where a name was typed, where it is no ordinary word and stands for one name alone."""
    known = frozenset(names)
    heard_as: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for written, heard in _small(alignment):
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


def _small(alignment: Alignment) -> Iterator[tuple[Run, Run]]:
    for pairing in alignment.pairings:
        if 0 < len(pairing.written) <= _LONGEST and 0 < len(pairing.heard) <= _LONGEST:
            yield pairing.written, pairing.heard
