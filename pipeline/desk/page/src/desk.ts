/** One open document: editor, sound, queue and connection together. */

import { isolateHistory } from "@codemirror/commands";
import { getSyncedVersion, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, type TransactionSpec } from "@codemirror/state";
import { EditorView, type ViewUpdate } from "@codemirror/view";
import { post, readState, Refused } from "./api";
import { acts } from "./acts";
import { Connection, type Trouble } from "./connection";
import { setReadOnly, openEditor, nonce, setSpelling } from "./editor";
import { announce, button, byId, clock, notify } from "./elements";
import { greyField, greyPieces, left, setGrey } from "./grey";
import { keep } from "./kept";
import { Keys } from "./keys";
import { light, redraw, setLabels, wordsOf } from "./marks";
import { difference } from "./merging";
import { Player } from "./player";
import type { Caret, CommandAnswer, FileState, Hearing, Labels, Note, Queue, Settling, Speakers, State, Timing, Turns } from "./protocol";
import { Review } from "./review";
import { onSettings, settings } from "./settings";
import { SpeakerList } from "./speakers";
import { Versions } from "./versions";
import type { Waveform } from "./waveform";

/** Milliseconds without a key or a move of the caret after which the grey text is asked for. */
const CARET_WAIT = 120;
/** Milliseconds after which the browser's own store gets what is still unconfirmed. Mostly nothing is by then, which
 * matters: it is written with the whole text, in some milliseconds. */
const KEEP_WAIT = 700;

/** Milliseconds after which it is said that something is not saved. */
const STATUS_WAIT = 250;
/** Milliseconds between two looks at the text of another page: one that only reads follows at leisure. */
const REFRESH_WAIT = 1000;

const TROUBLE: Record<Exclude<Trouble, "not-writer">, { text: string; reload?: string }> = {
  away: { text: "The server does not answer. You can go on: this browser keeps what you type, and sends it later." },
  full: { text: "The disk is full: nothing more can be saved. Make room; it is tried again every few seconds." },
  "other-session": {
    text: "The server was started again. What you typed is kept in this browser.",
    reload: "Continue in the new session",
  },
  diverged: {
    text: "The server has another text than this page. What you typed is kept in this browser.",
    reload: "Load the server's text",
  },
};

export class Desk {
  readonly view: EditorView;
  readonly player: Player;
  readonly keys: Keys;
  readonly review: Review;
  readonly speakers: SpeakerList;
  readonly connection: Connection;
  savedVersion: number | null;
  follows = true;
  /** The page is left on purpose: nothing is asked. */
  leaving = false;
  private versions: Versions;
  private refreshTimer = 0;
  private statusTimer = 0;
  private caretTimer = 0;
  private keepTimer = 0;
  /** Words or voices are known by now that were not when the grey text was asked for. */
  private greyIsOld = false;
  /** Something is in the browser's store. */
  private kept = false;
  private noteAt: number | null = null;
  private turns: Turns;
  private heard: Hearing;

  constructor(readonly state: State) {
    this.savedVersion = state.saved_version;
    [this.turns, this.heard] = [state.turns, state.hearing];
    this.keys = new Keys(acts(this));
    this.view = openEditor(state, {
      key: (event) => this.keys.handle(event),
      updated: (update) => this.updated(update),
      clicked: (position) => this.hear(position),
      scrolled: () => this.follow(false),
    });
    this.versions = new Versions(state.version, this.view.state.doc);
    this.connection = new Connection(this.view, () => this.connected());
    this.player = new Player(state.audio.duration, (moment, playing) => this.spoken(moment, playing));
    this.speakers = new SpeakerList((start, end) => this.player.playFrom(start, end));
    this.review = new Review({
      place: (version, from, to) => this.place(version, from, to),
      select: ({ from, to }) => this.select(from, to),
      play: (start, end) => this.player.playFrom(start, end),
      act: (item, action) => this.command("act", { item: item.id, action }),
      edit: () => this.view.focus(),
    });
    onSettings(() => this.settingsChanged());
    this.setWriter(state.writer);
    this.takeState(state);
    void this.player.draw(nonce).then((waveform) => this.showSound(waveform), () => notify("peaks", "The waveform could not be read."));
    this.showStatus();
  }

  /** Take in all that the server knows about the text. */
  takeState(state: State): void {
    for (const name of ["speakers", "labels", "timing", "turns", "note", "queue", "settling", "hearing"] as const) this.on(name, state[name]);
  }

  /** Take in what the server tells. */
  on(name: string, data: unknown): void {
    const { version } = data as { version?: number };
    if (this.view.state.readOnly && version !== undefined && version > this.versions.now) {
      this.refreshTimer ||= window.setTimeout(() => void this.refresh(), REFRESH_WAIT);
      return;
    }
    const takers: Record<string, (data: never) => void> = {
      timing: (timing: Timing) => this.setTiming(timing),
      labels: (labels: Labels) => this.setLabels(labels),
      speakers: ({ speakers }: Speakers) => this.speakers.show(speakers),
      turns: (turns: Turns) => this.setTurns(turns),
      note: (note: Note) => this.setNote(note),
      queue: (queue: Queue) => this.review.show(queue),
      settling: ({ waits }: Settling) => (byId("settling").hidden = !waits),
      hearing: (hearing: Hearing) => this.setHearing(hearing),
      file: (file: FileState) => this.fileChanged(file),
    };
    takers[name]?.(data as never);
  }

  /** A page that only reads shows what the other one has typed. */
  private async refresh(): Promise<void> {
    this.refreshTimer = 0;
    const state = await readState().catch(() => null);
    if (!state || !this.view.state.readOnly) return;
    this.view.dispatch({ changes: difference(this.view.state.doc, state.text) });
    this.versions = new Versions(state.version, this.view.state.doc);
    this.takeState(state);
  }

  /** Where a stretch of an older text is now. */
  place(version: number, from: number, to: number): { from: number; to: number } | null {
    const changes = this.versions.since(version);
    if (!changes || to > changes.length) return null;
    const [start, end] = [changes.mapPos(from, 1), changes.mapPos(to, -1)];
    return { from: start, to: Math.max(start, end) };
  }

  select(from: number, to: number): void {
    this.follow(false);
    const effects = EditorView.scrollIntoView(from, { y: "center" });
    this.view.dispatch({ selection: { anchor: from, head: to }, effects });
  }

  /** Play from the word at a position on. */
  hear(position = this.view.state.selection.main.head): boolean {
    const words = wordsOf(this.view);
    const word = words.timedAt(position);
    const start = word === null ? null : words.start(word);
    if (start === null) announce("No word before this place has a time yet");
    else this.player.playFrom(start);
    return true;
  }

  /** Loop what is selected, or end the loop. */
  loop(): void {
    const { from, to } = this.view.state.selection.main;
    const words = wordsOf(this.view);
    const [first, last] = [words.timedAt(from), words.timedAt(Math.max(from, to - 1))];
    const [start, end] = [first === null ? null : words.start(first), last === null ? null : words.end(last)];
    if (this.player.looping) this.player.setLoop(null);
    else if (from === to || start === null || end === null || start >= end) announce("Select the words to loop first");
    else this.player.setLoop([start, end]);
  }

  /** Put the caret where the sound is, and follow it again. */
  caretToSound(): boolean {
    const words = wordsOf(this.view);
    const word = words.spokenAt(this.player.moment);
    if (word === null) announce("No word is there yet");
    else this.select(words.from[word] as number, words.from[word] as number);
    this.view.focus();
    this.follow(true);
    return true;
  }

  follow(follows: boolean): void {
    if (this.follows === follows) return;
    this.follows = follows;
    byId("follow").setAttribute("aria-pressed", String(follows));
  }

  announceGrey(): boolean {
    const pieces = greyPieces(this.view.state);
    const end = pieces.findIndex((piece) => piece.end_of !== "word") + 1 || pieces.length;
    announce(pieces.slice(0, end).map((piece) => piece.text).join("").trim() || "Nothing is suggested here");
    return true;
  }

  /** Ask the server for changes and make them, as one step that undo takes back. */
  async command(name: string, parameters: object): Promise<boolean> {
    try {
      await this.connection.flushed();
      const version = getSyncedVersion(this.view.state);
      const answer = await post<CommandAnswer>("/api/command", { version, name, ...parameters });
      notify("command", null);
      return this.apply(answer, name);
    } catch (error) {
      const body = error instanceof Refused ? (error.body as { error?: string } | null) : null;
      notify("command", body?.error ?? "That could not be done now; try it again.");
      return false;
    }
  }

  /** Replace the connection's text by another, as a step that undo takes back. */
  dispatch(spec: TransactionSpec): void {
    this.view.dispatch({ ...spec, annotations: isolateHistory.of("full") });
  }

  /** Let this page write, or only read. */
  private setWriter(writer: boolean): void {
    if (!writer) this.keepNow();
    setReadOnly(this.view, !writer);
    notify("trouble", null);
    document.body.classList.toggle("reads-only", !writer);
    if (writer) return;
    if (this.connection.trouble !== "not-writer") this.connection.stop("not-writer");
    const pending = sendableUpdates(this.view.state).length > 0 ? " What you typed here and is not saved is kept in this browser." : "";
    const take = button("Take over", () => void this.takeOver(), { class: "primary" });
    notify("reader", `This page reads only: another page or program writes the file.${pending}`, take);
  }

  /** Whether something that was typed is not in the server's journal. */
  get pending(): boolean {
    return !this.view.state.readOnly && sendableUpdates(this.view.state).length > 0;
  }

  /** Say how far the text is saved. What the server confirms at once, as it mostly does, is not worth two changes. */
  showStatus(): void {
    clearTimeout(this.statusTimer);
    if (this.pending) this.statusTimer = window.setTimeout(() => this.setStatus("pending", "Not saved to disk"), STATUS_WAIT);
    else if (this.savedVersion === this.versions.now) this.setStatus("saved", "Saved in the file");
    else this.setStatus("kept", "Saved to disk, not yet in the file");
  }

  private setStatus(name: string, text: string): void {
    const status = byId("status");
    if (status.dataset.state === name) return;
    status.dataset.state = name;
    status.textContent = text;
  }

  private apply(answer: CommandAnswer, name: string): boolean {
    const later = this.versions.since(answer.version);
    if (!later) return false;
    const asked = answer.changes === null ? ChangeSet.empty(later.length) : ChangeSet.fromJSON(answer.changes);
    const changes = asked.map(later);
    const moved = later.map(asked, true);
    const selection = answer.select && { anchor: moved.mapPos(answer.select[0]), head: moved.mapPos(answer.select[1]) };
    this.dispatch({ changes, ...(selection && { selection, scrollIntoView: true }), userEvent: `command.${name}` });
    return true;
  }

  private updated(update: ViewUpdate): void {
    for (const transaction of update.transactions) {
      if (transaction.docChanged) this.versions.note(transaction.changes);
    }
    if (update.docChanged && !update.state.readOnly) {
      this.connection.poke();
      if (!this.keepTimer) this.keepTimer = window.setTimeout(() => this.keepNow(), KEEP_WAIT);
      if (update.transactions.some((one) => one.isUserEvent("input") || one.isUserEvent("delete"))) this.player.typed();
      this.showStatus();
    }
    if (update.docChanged || update.selectionSet) {
      this.follow(false);
      this.askForGrey();
    }
    if (update.startState.field(greyField) !== update.state.field(greyField)) this.showGreyButtons();
  }

  /** Keep what is unconfirmed in the browser's store. */
  keepNow(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = 0;
    if (this.view.state.readOnly) return; // what it had not saved was kept when it lost the file
    this.kept = sendableUpdates(this.view.state).length > 0;
    keep(this.state.file.path, this.state.session, this.view.state, this.connection.confirmed);
  }

  private connected(): void {
    const { trouble } = this.connection;
    if (trouble || this.kept) this.keepNow();
    else if (sendableUpdates(this.view.state).length === 0) {
      clearTimeout(this.keepTimer);
      this.keepTimer = 0;
    }
    if (!trouble) this.askForGrey();
    this.showStatus();
    if (trouble === "not-writer") {
      this.setWriter(false);
      return;
    }
    const shown = trouble && TROUBLE[trouble];
    const reload = shown?.reload ? [button(shown.reload, () => this.reload(), { class: "primary" })] : [];
    notify("trouble", shown && shown.text, ...reload);
  }

  /** Begin again with the server's state. What is unconfirmed is in the browser's store, and is replayed from there. */
  private reload(): void {
    this.keepNow();
    this.leaving = true;
    location.reload();
  }

  private askForGrey(): void {
    clearTimeout(this.caretTimer);
    if (!settings.greyText || !this.state.writer) return;
    this.caretTimer = window.setTimeout(() => void this.fetchGrey(), CARET_WAIT);
  }

  private renewGrey(): void {
    this.greyIsOld = true;
    this.askForGrey();
  }

  private async fetchGrey(): Promise<void> {
    const { state, composing } = this.view;
    const { main } = state.selection;
    // Once everything is confirmed this is called again; where a few words are left, nothing has to be asked.
    if (composing || !main.empty || state.readOnly || sendableUpdates(state).length > 0) return;
    if (greyPieces(state).length > 12 && !this.greyIsOld) return;
    this.greyIsOld = false;
    const version = getSyncedVersion(state);
    const caret = await post<Caret>("/api/caret", { version, at: main.head }).catch(() => null);
    if (!caret || caret.version !== version || this.view.composing) return;
    this.showGrey(caret);
  }

  /** Show the answer, less what was typed of it meanwhile. */
  private showGrey(caret: Caret): void {
    const { state } = this.view;
    const { head, empty } = state.selection.main;
    const changes = this.versions.since(caret.version);
    if (!changes || !empty || head < caret.at || changes.mapPos(caret.at, -1) !== caret.at) return;
    if (changes.mapPos(caret.at, 1) !== head) return;
    const pieces = left(caret.pieces, state.sliceDoc(caret.at, head));
    this.view.dispatch({ effects: setGrey.of(pieces?.length ? { at: head, pieces } : null) });
  }

  private showGreyButtons(): void {
    const none = String(greyPieces(this.view.state).length === 0);
    if (byId("take-word").getAttribute("aria-disabled") === none) return;
    for (const unit of ["word", "sentence", "turn"]) byId(`take-${unit}`).setAttribute("aria-disabled", none);
  }

  private settingsChanged(): void {
    setSpelling(this.view);
    if (!settings.greyText) this.view.dispatch({ effects: setGrey.of(null) });
    else this.askForGrey();
  }

  private setTiming({ version, from, to, words }: Timing): void {
    const changes = this.versions.since(version);
    if (!changes || to > changes.length) return;
    const table = wordsOf(this.view);
    table.replace(changes.mapPos(from, -1), changes.mapPos(to, 1) + 1, words.map((word) => {
      const start = changes.mapPos(word[0], 1);
      return [start, Math.max(start, changes.mapPos(word[1], -1)), word[2], word[3], word[4]];
    }));
    this.view.dispatch({ effects: redraw.of(null) });
    this.renewGrey();
  }

  private setLabels(labels: Labels): void {
    const changes = this.versions.since(labels.version);
    if (!changes) return;
    const move = (position: number, side: number) => changes.mapPos(Math.min(position, changes.length), side);
    const stretches = (all: Labels["times"]) => all.map(([from, to]): [number, number] => [move(from, 1), move(to, -1)]);
    const named = labels.labels.map(([from, to, speaker]): [number, number, number | null] => [move(from, 1), move(to, -1), speaker]);
    const moved = { ...labels, labels: named, times: stretches(labels.times), notes: stretches(labels.notes) };
    this.view.dispatch({ effects: setLabels.of(moved) });
  }

  private setNote(note: Note): void {
    this.noteAt = note.at;
    byId("note").textContent = note.complete ? "Typed to the end" : note.at === null ? "" : `Typed up to ${clock(note.at)}`;
    byId("note").title = note.text ?? "";
    byId<HTMLButtonElement>("to-note").hidden = note.at === null;
  }

  private setTurns(turns: Turns): void {
    this.turns = turns;
    this.player.waveform?.show(turns);
    this.renewGrey();
  }

  /** The waveform is there, maybe long after the page: it shows what is known by now. */
  private showSound(waveform: Waveform): void {
    waveform.show(this.turns);
    waveform.showHeard(this.heard);
  }

  /** Play from where the typing ends. */
  playFromNote(): void {
    if (this.noteAt !== null) this.player.playFrom(this.noteAt);
  }

  private setHearing(hearing: Hearing): void {
    const bar = byId<HTMLProgressElement>("hearing");
    const text = byId("hearing-text");
    [bar.max, bar.value, bar.hidden] = [hearing.total || 1, hearing.done, hearing.finished || hearing.failed !== null];
    const percent = Math.floor((100 * hearing.done) / (hearing.total || 1));
    // A second pass for what was typed since, which a save with results waits for.
    const again = hearing.stage === "listening again" && hearing.done < hearing.total ? "Listening again" : "";
    text.textContent = hearing.failed ?? (hearing.finished ? again : `Listening: ${percent} %`);
    this.heard = hearing;
    this.player.waveform?.showHeard(hearing);
  }

  private fileChanged({ state }: FileState): void {
    const own = button("OK", () => notify("file", null));
    if (state === "taken-over") this.setWriter(false);
    else if (state === "changed-on-disk") {
      notify("file", "Another program changed the file on the disk. When you save, you see both texts side by side.", own);
    } else notify("file", "The page that wrote this file has let it go.", button("Take over", () => void this.takeOver()));
  }

  private async takeOver(): Promise<void> {
    try {
      await post("/api/takeover", {});
      this.reload();
    } catch {
      notify("file", "The file could not be taken over; try it again.");
    }
  }

  private spoken(moment: number, playing: boolean): void {
    const word = light(this.view, playing || moment > 0 ? moment : null);
    if (word === null || !playing || !this.follows) return;
    const { view } = this;
    const block = view.lineBlockAt(wordsOf(view).from[word] as number);
    const { scrollTop, clientHeight } = view.scrollDOM;
    const position = wordsOf(view).from[word] as number;
    const margin = clientHeight / 6;
    if (block.top > scrollTop + margin && block.bottom < scrollTop + clientHeight - margin) return;
    view.dispatch({ effects: EditorView.scrollIntoView(position, { y: "center" }) });
  }
}
