"""Updates of a voice book: learning an episode, merging, renaming and forgetting.

A book keeps what every episode teaches. Outliers are rejected only when it is used (see ``outliers``), so the result
depends neither on the order of the episodes nor on how often one is learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from msgspec.structs import replace as replace_struct

from pipeline.matching.speakers.outliers import enrolments_of
from pipeline.matching.speakers.profile import EpisodeEnrolment, Voice, VoiceBook, clean_name
from pipeline.reading.labels.forms import fold_name
from pipeline.reading.labels.names import nearest_name
from pipeline.schema import VoiceExamples

MAX_EXAMPLES_PER_ENROLMENT = 4
"""More examples of one voice in one episode add nothing, and no episode may outweigh the others. Chosen by hand."""

MAX_ENROLMENTS_PER_VOICE = 12
"""Only the episodes with the most speech of a person are kept, so that a book stays small. Chosen by hand."""

# --- learning ----------------------------------------------------------------------------------------------------


def weights_match(book: VoiceBook, weights: str) -> bool:
    """Return whether embeddings that were computed with these weights can be compared with those in the book."""
    return book.weights in {None, weights}


def learn_episode(book: VoiceBook, taught: VoiceExamples) -> VoiceBook:
    """Return the book with the examples of an episode in the place of all that it had of this episode.

    Learning an episode twice is the same as once, and the order of episodes does not matter. Forgotten names are left
    out. If the embeddings are of other weights (see ``weights_match``), the book stays as it is.
    """
    if not weights_match(book, taught.weights):
        return book
    episode = clean_name(taught.episode) or taught.audio
    named = ((_current_name(book, clean_name(name)), examples) for name, examples in taught.voices.items())
    new = [
        Voice(name, (EpisodeEnrolment(taught.audio, episode, tuple(sorted(examples)[:MAX_EXAMPLES_PER_ENROLMENT])),))
        for name, examples in named
        if name and examples and forgotten_name(book, name) is None
    ]
    return _with_voices(book, [*_without_episode(book.voices, taught.audio), *new], taught.weights)


def forgotten_name(book: VoiceBook, name: str) -> str | None:
    """Return the forgotten name of the book that a label's name means, even in another spelling; None if there is none.

    A forgotten name is not learned again.
    """
    return nearest_name(_current_name(book, name), book.forgotten)


def merge_books(book: VoiceBook, other: VoiceBook) -> VoiceBook:
    """Return the book with the voices of another; the other's enrolment of a person and episode replaces its own."""
    episodes = {enrolment.audio for voice in other.voices for enrolment in voice.enrolments}
    for audio in sorted(episodes):
        new = _enrolments_of_episode(other, audio)
        merged = {**_enrolments_of_episode(book, audio), **new}
        examples = {name: enrolment.examples for name, enrolment in merged.items()}
        episode = next(iter(new.values())).episode
        book = learn_episode(book, VoiceExamples(audio, episode, other.weights or "", examples))
    return book


def _enrolments_of_episode(book: VoiceBook, audio: str) -> dict[str, EpisodeEnrolment]:
    """Return the enrolments of one episode by name."""
    return {voice.name: one for voice in book.voices for one in voice.enrolments if one.audio == audio}


def _current_name(book: VoiceBook, name: str) -> str:
    """Return the name that a label's name has in the book, after renaming."""
    return book.renamed.get(fold_name(name), name)


def _without_episode(voices: Iterable[Voice], audio: str) -> list[Voice]:
    return [
        replace_struct(voice, enrolments=tuple(one for one in voice.enrolments if one.audio != audio))
        for voice in voices
    ]


def _with_voices(book: VoiceBook, voices: Iterable[Voice], weights: str | None) -> VoiceBook:
    """Return the book with these voices: those of one name together, none without an enrolment, none with too many."""
    merged: dict[str, dict[str, EpisodeEnrolment]] = {}
    spelling: dict[str, str] = {}
    for voice in voices:
        if voice.enrolments:
            name = fold_name(voice.name)
            spelling[name] = min(spelling.get(name, voice.name), voice.name, key=_case_order)
            by_audio = merged.setdefault(name, {})
            for one in voice.enrolments:
                by_audio[one.audio] = max(by_audio.get(one.audio, one), one, key=lambda one: (one.ms, one))
    kept = sorted(Voice(spelling[name], _longest(enrolments.values())) for name, enrolments in merged.items())
    return replace(book, voices=tuple(kept), weights=weights if kept else None)


def _case_order(name: str) -> tuple[bool, str]:
    """Return the order of spellings that differ in case only: mixed case before all upper or all lower case."""
    return name.isupper() or name.islower(), name


def _longest(enrolments: Iterable[EpisodeEnrolment]) -> tuple[EpisodeEnrolment, ...]:
    """Return the ``MAX_ENROLMENTS_PER_VOICE`` enrolments with the most speech, in order."""
    longest = sorted(enrolments, key=lambda one: (-one.ms, one.audio))[:MAX_ENROLMENTS_PER_VOICE]
    return tuple(sorted(longest))


# --- what people ask for -----------------------------------------------------------------------------------------


def rename_voice(book: VoiceBook, old: str, new: str) -> VoiceBook:
    """Return the book with a voice under another name; if that name exists, the enrolments are added to it.

    From then on, labels with the old name teach the new one.
    """
    voices = [replace_struct(voice, name=new) if voice.name == old else voice for voice in book.voices]
    followed = {name: new if fold_name(known) == fold_name(old) else known for name, known in book.renamed.items()}
    mapping = {name: known for name, known in {**followed, fold_name(old): new}.items() if name != fold_name(known)}
    return _with_voices(replace(book, renamed=mapping), voices, book.weights)


def forget_voice(book: VoiceBook, name: str) -> VoiceBook:
    """Return the book without a voice, which is not learned again.

    The enrolments under other spellings of the name are removed too, and those that a wrong label has put under another
    name, if they are outliers there because they sound like this voice.
    """
    removed = enrolments_of(book, name)
    kept = [
        replace_struct(
            voice, enrolments=tuple(one for one in voice.enrolments if (voice.name, one.audio) not in removed)
        )
        for voice in book.voices
        if voice.name != name
    ]
    return _with_voices(replace(book, forgotten=tuple(sorted({*book.forgotten, name}))), kept, book.weights)


def allow_voice(book: VoiceBook, name: str) -> VoiceBook:
    """Return the book with a forgotten name removed from that list, so that it can be learned again."""
    return replace(book, forgotten=tuple(one for one in book.forgotten if one != name))


def select_voices(book: VoiceBook, names: Sequence[str]) -> VoiceBook:
    """Return a book with the voices of these names only, for export: without forgotten and renamed names."""
    voices = tuple(voice for voice in book.voices if voice.name in names)
    return VoiceBook(book.show, book.weights if voices else None, voices)
