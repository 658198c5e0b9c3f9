"""What a voice book learns, and how its people are renamed and forgotten.

A book keeps what every episode has taught, and only when it is read is it decided what of that to believe (see
``belief``): so neither the order in which episodes are learned matters nor how often.
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
"""Of one person in one episode: more of the same sound teach nothing, and no episode is to outweigh the others."""

MAX_ENROLMENTS_PER_VOICE = 12
"""Of one person: those of the episodes in which most was learned."""

# --- learning ----------------------------------------------------------------------------------------------------


def weights_match(book: VoiceBook, weights: str) -> bool:
    """Whether what was made with these weights can be compared with what is in the book."""
    return book.weights in {None, weights}


def learn_episode(book: VoiceBook, taught: VoiceExamples) -> VoiceBook:
    """The book with what an episode teaches, in the place of whatever that episode has taught before.

    Learning twice is learning once, and the order of episodes does not matter. Names that are to be forgotten are
    left out. Where the vectors are of other weights (see ``weights_match``), the book stays as it is.
    """
    if not weights_match(book, taught.weights):
        return book
    episode = clean_name(taught.episode) or taught.audio
    named = ((_known_as(book, clean_name(name)), examples) for name, examples in taught.voices.items())
    wanted = [
        Voice(name, (EpisodeEnrolment(taught.audio, episode, tuple(sorted(examples)[:MAX_EXAMPLES_PER_ENROLMENT])),))
        for name, examples in named
        if name and examples and forgotten_name(book, name) is None
    ]
    return _bound(book, [*_without(book.voices, taught.audio), *wanted], taught.weights)


def forgotten_name(book: VoiceBook, name: str) -> str | None:
    """The name that is not to be learned again and that a label's name means, perhaps in another spelling; or None."""
    return nearest_name(_known_as(book, name), book.forgotten)


def merge_books(book: VoiceBook, other: VoiceBook) -> VoiceBook:
    """The book with the voices of another: its lessons take the place of those of the same person and episode."""
    episodes = {lesson.audio for voice in other.voices for lesson in voice.enrolments}
    for audio in sorted(episodes):
        here = {voice.name: lesson for voice in book.voices for lesson in voice.enrolments if lesson.audio == audio}
        there = {voice.name: lesson for voice in other.voices for lesson in voice.enrolments if lesson.audio == audio}
        both = {name: lesson.examples for name, lesson in {**here, **there}.items()}
        name = next(iter(there.values())).episode
        book = learn_episode(book, VoiceExamples(audio, name, other.weights or "", both))
    return book


def _known_as(book: VoiceBook, name: str) -> str:
    """The name that a label's name has in the book."""
    return book.renamed.get(fold_name(name), name)


def _without(voices: Iterable[Voice], audio: str) -> list[Voice]:
    return [
        replace_struct(one, enrolments=tuple(own for own in one.enrolments if own.audio != audio)) for one in voices
    ]


def _bound(book: VoiceBook, voices: Iterable[Voice], weights: str | None) -> VoiceBook:
    """The book with these voices: those of one name together, none without a lesson, none with too many."""
    together: dict[str, dict[str, EpisodeEnrolment]] = {}
    spelt: dict[str, str] = {}
    for voice in voices:
        if voice.enrolments:
            name = fold_name(voice.name)
            spelt[name] = min(spelt.get(name, voice.name), voice.name, key=_plainness)
            of = together.setdefault(name, {})
            for lesson in voice.enrolments:
                of[lesson.audio] = max(of.get(lesson.audio, lesson), lesson, key=lambda one: (one.ms, one))
    kept = sorted(Voice(spelt[name], _best(lessons.values())) for name, lessons in together.items())
    return replace(book, voices=tuple(kept), weights=weights if kept else None)


def _plainness(name: str) -> tuple[bool, str]:
    """The order in which spellings are taken that differ in their letters' case alone."""
    return name.isupper() or name.islower(), name


def _best(lessons: Iterable[EpisodeEnrolment]) -> tuple[EpisodeEnrolment, ...]:
    most = sorted(lessons, key=lambda lesson: (-lesson.ms, lesson.audio))[:MAX_ENROLMENTS_PER_VOICE]
    return tuple(sorted(most))


# --- what people ask for -----------------------------------------------------------------------------------------


def rename_voice(book: VoiceBook, old: str, new: str) -> VoiceBook:
    """The book with a voice under another name, to which its lessons are added where there is one already.

    Labels with the old name teach the new one from then on.
    """
    moved = [replace_struct(voice, name=new) if voice.name == old else voice for voice in book.voices]
    followed = {name: new if fold_name(known) == fold_name(old) else known for name, known in book.renamed.items()}
    means = {name: known for name, known in {**followed, fold_name(old): new}.items() if name != fold_name(known)}
    return _bound(replace(book, renamed=means), moved, book.weights)


def forget_voice(book: VoiceBook, name: str) -> VoiceBook:
    """The book without a voice, which is not learned again.

    What other spellings of the name have taught goes too, and what a wrong label has filed under another name, as far
    as that is set aside for sounding like this one.
    """
    gone = enrolments_of(book, name)
    kept = [
        replace_struct(
            one, enrolments=tuple(lesson for lesson in one.enrolments if (one.name, lesson.audio) not in gone)
        )
        for one in book.voices
        if one.name != name
    ]
    return _bound(replace(book, forgotten=tuple(sorted({*book.forgotten, name}))), kept, book.weights)


def allow_voice(book: VoiceBook, name: str) -> VoiceBook:
    """The book that may learn a forgotten name again."""
    return replace(book, forgotten=tuple(one for one in book.forgotten if one != name))


def select_voices(book: VoiceBook, names: Sequence[str]) -> VoiceBook:
    """The voices of these names alone, for another machine: neither what was forgotten nor what was renamed."""
    voices = tuple(voice for voice in book.voices if voice.name in names)
    return VoiceBook(book.show, book.weights if voices else None, voices)
