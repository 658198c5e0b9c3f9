"""The session of the desk: a document, what was heard of its audio, and what follows from both, as events for the page.

It has no effects: the server feeds it with updates, hearings and settled alignments, and sends what it returns.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from pipeline.desk.changes import ChangeError, count_units, parse_changes
from pipeline.desk.edited_document import open_document, page_form
from pipeline.desk.kept_alignment import resume
from pipeline.desk.page_commands import CommandContext, run_command
from pipeline.desk.page_events import (
    Event,
    SpeakerList,
    labels_event,
    note_event,
    speakers_event,
    text_direction,
    timing_event,
    turns_event,
    word_marks,
)
from pipeline.desk.quick.kept_times import settled_times
from pipeline.desk.quick.quick_report import keep_sound_findings, with_findings
from pipeline.desk.quick.retime import Retimed, retime
from pipeline.desk.review_queue import item_json, list_items
from pipeline.desk.settle import NOTHING_HEARD, Given, Heard, Settled, SettleRequest, joined_spans, pack, settle_text
from pipeline.desk.shown_ranges import changed_range, changed_ranges, dirty_range, edited_range, joined_ranges, shifted
from pipeline.desk.suggestion import Piece, suggest
from pipeline.desk.turn_commands import TurnEdit
from pipeline.episode.aligned import SpeakerTurns
from pipeline.episode.stored_alignment import KeptAlignment, kept_alignment
from pipeline.matching.alignment.heard_times import MS_PER_LETTER, speech_rate
from pipeline.matching.drafting.spelling import Spelling, learn_spelling
from pipeline.reading.structure.file_style import FileStyle, read_file_style
from pipeline.reading.transcript import FileReading
from pipeline.schema import Chars, Hearing, Result, Run, VoiceExamples
from pipeline.times import Ms, Span
from pipeline.writing import Rendered, render_all


class StaleVersionError(Exception):
    """The page speaks of another version of the text than the session has."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"the text is at version {version}")


class DeskSession:
    """One document that is edited on one page.

    Attributes:
        ignored: the ids of the findings that a person has put aside.
        is_resumed: whether it was opened with what was kept, and nothing was heard since.
    """

    def __init__(
        self,
        source: str,
        given: Given,
        duration: Ms,
        language: str = "en",
        ignored: frozenset[str] = frozenset(),
        kept: KeptAlignment | None = None,
    ) -> None:
        """Begin with the text of a file.

        Args:
            source: the text.
            given: what stays the same as long as the document is open.
            duration: of the audio.
            language: Whisper's code, until it is heard.
            ignored: the ids of the findings that a person has put aside.
            kept: the last alignment of the document, with which it opens if it can be.
        """
        self.ignored = ignored
        self._given = given
        self._document = open_document(source)
        resumed = resume(kept, source, given) if kept else None
        nothing = Heard(replace(NOTHING_HEARD, duration=duration, language=language))
        self._heard = resumed.heard if resumed else nothing
        self._packed = pack(self._heard)
        self._speakers = SpeakerList()
        self._asked: tuple[int, int] | None = None
        if resumed:
            self._result, self._reading = resumed.result, resumed.reading
        else:
            self._result, self._reading = settle_text(source, self._heard, given)
        self._result_version, self._result_number = 0, self._heard.number  # what the result is of
        self._shown_heard = self._heard
        self._settled, self._settled_heard = self._result, nothing
        self._rate: float = resumed.rate if resumed else MS_PER_LETTER
        self.is_resumed = resumed is not None
        self._waits_for_voices = resumed is not None and resumed.result.diarization is not None
        self._style: FileStyle | None = None
        self._spelling: Spelling | None = None
        self._dirty = list[Chars]()  # where the page's marks of words are not those of the result
        self._has_news = False  # whether anything may have to be sent
        self._is_too_much = False  # whether the last edits are too much for the quick step
        self._unreported = False  # whether the findings are those of an older text
        self._sent = dict[str, dict[str, object]]()

    # --- the text ------------------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """How many updates were accepted."""
        return self._document.version

    @property
    def source(self) -> str:
        """The text of the file as it is now."""
        return self._document.source

    def state(self) -> dict[str, object]:
        """Return everything that a page needs to begin."""
        self._settle_here()
        self._report()
        self._dirty, self._has_news = [], False
        document = self._document
        events = self._reports()
        self._sent.update(events)
        return {
            "text": document.page_text,
            "version": document.version,
            "language": self._heard.hearing.language,
            "direction": text_direction(document.page_text, self._heard.hearing.language),
            **dict([self._timing(Chars(0, len(self.source))), *events]),
        }

    def update(self, version: int, updates: Sequence[Mapping[str, object]]) -> None:
        """Accept updates of the page, all or none.

        Raises:
            StaleVersionError: they are not of the current version.
            ChangeError: one of them is no change set, or does not fit the text.
        """
        self._check(version)
        document, dirty = self._document, self._dirty
        for one in updates:
            if not isinstance(one, Mapping):
                raise ChangeError("an update is an object with its changes")
            changes = parse_changes(one.get("changes"))
            changed = edited_range(document.source, document.edits(changes))
            dirty = [*(shifted(chars, changed) for chars in dirty), changed.new]
            document = document.apply(changes)
        self._document, self._dirty = document, dirty

    # --- what is heard -------------------------------------------------------------------------------------------

    def heard(
        self,
        hearing: Hearing,
        turns: SpeakerTurns,
        complete: bool,  # noqa: FBT001 -- the third of three things that come together
        spans: Iterable[Span] = (),
        forced: bytes = b"",
    ) -> None:
        """Take what was heard so far in place of what was heard before.

        Args:
            hearing: all words so far (see ``matching.alignment.word_grouping``).
            turns: who speaks when; None if that is not known, or not yet.
            complete: whether everything was listened to.
            spans: the stretches that were listened to, if not everything was.
            forced: those whose words were forced, packed.
        """
        was_resumed, self.is_resumed, self._waits_for_voices = self.is_resumed, False, False
        before = self._heard
        is_known = was_resumed and complete and hearing == before.hearing  # the document was opened with it
        number = before.number if is_known else before.number + 1
        self._heard, self._asked = Heard(hearing, turns, joined_spans(spans), complete, number, forced), None
        self._packed = pack(self._heard)

    def settle_request(self) -> SettleRequest | None:
        """Return what a worker has to compute now; None if nothing changed since the last request.

        A document that was opened with whose voice is when waits until the voices are there again.
        """
        now = self.version, self._heard.number
        if self._asked == now or self._waits_for_voices:
            return None
        self._asked = now
        heard = self._heard
        return SettleRequest(*now, self.source, self._packed, heard.turns, heard.complete, self._given)

    def go_on_without_voices(self) -> None:
        """Compute with what the document was opened with: listening takes long, or has failed."""
        self._waits_for_voices = False

    def not_settled(self) -> None:
        """Note that there is no answer to the last request: the next one asks for the same."""
        self._asked = None

    def settled(self, answer: Settled) -> None:
        """Take the answer of ``settle``.

        One about an older version of the text is taken only if more was heard meanwhile, and then brought up to date.
        """
        is_newer = answer.number > self._result_number
        if answer.number != self._heard.number or (answer.version != self.version and not is_newer):
            return
        self._catch_up()
        before = self._result if self._is_current else None
        fresh = answer.result(self._heard.hearing)
        self._rate = speech_rate(fresh.transcript.words, fresh.words)
        self._style, self._spelling = answer.style, answer.spelling
        if answer.version != self.version:
            made = self._retimed(fresh, answer.reading)
            if made is None:
                return
            fresh = with_findings(keep_sound_findings(fresh, made), self._heard)
        else:
            self._settled, self._settled_heard = fresh, self._heard
        if before is not None and not is_newer:
            fresh = settled_times(before, fresh)
        if before is None:
            self._dirty = [Chars(0, len(self.source))]
        else:
            self._dirty += changed_ranges(before, self._shown_heard, fresh, self._heard)
        self._take(fresh, answer.reading)

    # --- events --------------------------------------------------------------------------------------------------

    def quick(self) -> list[Event]:
        """Align what changed again, and return the events to send."""
        self._catch_up()
        return self.events()

    def events(self) -> list[Event]:
        """Return the events that became due since the last call; while the text waits to be settled, only that."""
        if not self._is_current or not self._has_news:
            return self._changed([self._settling()])
        self._has_news = False
        self._report()
        timing = [self._timing(within) for within in joined_ranges(self._dirty)]
        self._dirty = []
        return [*timing, *self._changed(self._reports())]

    @property
    def _is_current(self) -> bool:
        return self._result_version == self.version

    def _take(self, result: Result, reading: FileReading) -> None:
        self._result, self._reading = result, reading
        self._result_version, self._result_number = self.version, self._heard.number
        self._shown_heard = self._heard
        self._unreported, self._has_news, self._is_too_much = False, True, False

    def _catch_up(self) -> None:
        """Bring the result to the current version by the quick step, if not too much has changed."""
        if self._is_current:
            return
        made = self._retimed(self._result, self._reading)
        self._is_too_much = made is None
        if made is None:
            return
        changed = changed_range(self._result.transcript.source, self.source)
        self._dirty.append(dirty_range(self._result, made, changed, self._shown_heard))
        self._result = keep_sound_findings(self._result, made)
        self._result_version = self.version
        self._unreported = self._has_news = True

    def _retimed(self, result: Result, reading: FileReading) -> Retimed | None:
        changed = changed_range(result.transcript.source, self.source)
        return retime(result, self.source, changed.old, reading, self._given.config.align, self._rate)

    def _settle_here(self) -> None:
        """Bring the result to the current version, whatever it takes."""
        self._catch_up()
        if not self._is_current:
            self._take(*settle_text(self.source, self._heard, self._given))
            self._dirty = [Chars(0, len(self.source))]

    def _report(self) -> None:
        if self._unreported:
            self._result, self._unreported = with_findings(self._result, self._shown_heard), False

    def _timing(self, within: Chars) -> Event:
        words = self._result.transcript.words
        first = bisect_left(words, within.start, key=lambda word: word.chars.end)
        run = Run(first, max(first, bisect_right(words, within.end, key=lambda word: word.chars.start)))
        for k in (run.start, run.end - 1) if len(run) else ():
            within = Chars(min(within.start, words[k].chars.start), max(within.end, words[k].chars.end))
        marks = zip(run, word_marks(self._result, self._shown_heard, run), strict=True)
        return timing_event(self._document, self._result, marks, within)

    def _reports(self) -> list[Event]:
        return [
            labels_event(self._document, self._result, self._speakers),
            turns_event(self._result, self._speakers),
            speakers_event(self._result, self._speakers),
            note_event(self._result),
            self._queue(),
            self._settling(),
        ]

    def _settling(self) -> Event:
        """Return the event that says whether the times of the whole text have to be computed first.

        While listening goes on, they are again and again, and the page shows how far it is.
        """
        is_behind = self._heard.complete and self._result_number != self._heard.number
        return "settling", {"waits": self._is_too_much or is_behind}

    def _changed(self, events: Iterable[Event]) -> list[Event]:
        """Return the events that differ from what was sent under their names, and remember them."""
        changed = [(name, data) for name, data in events if self._sent.get(name) != data]
        self._sent.update(changed)
        return changed

    # --- questions and commands ----------------------------------------------------------------------------------

    def caret(self, version: int, at: int) -> dict[str, object]:
        """Return what is said next at a place; see ``suggestion``.

        Raises:
            StaleVersionError: the version is not the current one.
            ChangeError: there is no such place.
        """
        self._check(version)
        place = self._document.places.in_source(at)
        self._catch_up()
        pieces: tuple[Piece, ...] = ()
        if self._is_current and self._result.hearing.words:
            pieces = suggest(self._result, self._shown_heard, place, self._file_style(), self._learned_spelling())
        return {"version": version, "at": at, "pieces": [asdict(piece) for piece in pieces]}

    def _file_style(self) -> FileStyle:
        if self._style is None:
            self._style = read_file_style(self._result.transcript, self._given.style)
        return self._style

    def _learned_spelling(self) -> Spelling:
        if self._spelling is None:
            result = self._result
            self._spelling = learn_spelling(result.transcript, result.hearing, result.alignment)
        return self._spelling

    def command(self, version: int, name: str, arguments: Mapping[str, object]) -> dict[str, object]:
        """Return the changes that a command makes of the text; the page applies them.

        Raises:
            StaleVersionError: the version is not the current one.
            CommandError: the command is not known, or not possible here.
        """
        self._check(version)
        self._settle_here()
        self._report()
        context = CommandContext(
            self._document,
            self._result,
            self._file_style(),
            self._learned_spelling(),
            self._given.config.markdown,
            self.ignored,
        )
        made, ignored = run_command(name, arguments, context)
        self._has_news |= ignored != self.ignored
        self.ignored = ignored
        return self._answer(made)

    def rendered(self, formats: Iterable[str]) -> Rendered:
        """Return what ``align`` writes beside the transcript, from the last result."""
        return render_all(formats, self._settled, self._given.config.writing)

    def kept(self, key: str) -> KeptAlignment | None:
        """Return the last whole alignment, to be kept under a key; None if it is not of everything that is heard."""
        is_whole = self._settled_heard.complete and self._settled_heard is self._heard
        return kept_alignment(key, self._settled) if is_whole else None

    @property
    def examples(self) -> VoiceExamples | None:
        """What the episode teaches the show's voice book, from the last result; None if no book is used."""
        return self._settled.examples

    def _queue(self) -> Event:
        items, place = list_items(self._result, self.ignored), self._document.places.on_page
        return "queue", {"version": self.version, "items": [item_json(one, items, place) for one in items]}

    def _answer(self, made: TurnEdit) -> dict[str, object]:
        """Return the changes, and what to select afterwards: what was written first, or else what it is about."""
        edits = sorted(made.edits, key=lambda edit: edit.chars)
        place = self._document.places.on_page
        select = [place(made.about.start), place(made.about.end)]
        if edits:
            start, text = place(edits[0].chars.start), edits[0].text
            end = start + count_units(page_form(text if made.caret is None else text[: made.caret]))
            select = [start if made.caret is None else end, end]
        changes = self._document.change_set(edits).to_json() if edits else None
        return {"version": self.version, "changes": changes, "select": select if made.about.end else None}

    def _check(self, version: int) -> None:
        if version != self.version:
            raise StaleVersionError(self.version)
