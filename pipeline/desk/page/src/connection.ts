/** Sends what is typed to the server, which keeps it in its journal, and knows what is safe there. */

import { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { type ChangeSet, type EditorState, type Extension, type Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { post, Refused } from "./api";

/** Waits between tries while the server is away, in milliseconds; the last one is repeated. */
const WAITS = [250, 500, 1000, 2000, 5000];

/** Why nothing is accepted at the moment. */
export type Trouble = "away" | "full" | "not-writer" | "other-session" | "diverged";

export interface Unconfirmed { version: number; changes: ChangeSet[] }

export function collaboration(version: number): Extension {
  return collab({ startVersion: version });
}

export function unconfirmed(state: EditorState): Unconfirmed {
  return { version: getSyncedVersion(state), changes: sendableUpdates(state).map((update) => update.changes) };
}

export class Connection {
  trouble: Trouble | null = null;
  private sending = false;
  private stopped = false;
  private failures = 0;
  private retry = 0;
  private waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];

  /** The text that the server has in its journal. */
  confirmed: Text;

  constructor(private readonly view: EditorView, private readonly changed: () => void) {
    this.confirmed = view.state.doc;
  }

  /** Send what is not confirmed yet. */
  poke(): void {
    clearTimeout(this.retry);
    if (!this.sending && !this.stopped) void this.send();
  }

  /** Send nothing any more: another session or page has the file. */
  stop(trouble: Trouble): void {
    this.stopped = true;
    this.fail(trouble);
  }

  /** Resolve when all that was typed is in the journal; reject where it cannot be sent. */
  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (this.stopped) this.fail(this.trouble ?? "away");
      else this.poke();
    });
  }

  private async send(): Promise<void> {
    this.sending = true;
    try {
      for (let updates = sendableUpdates(this.view.state); updates.length > 0; updates = sendableUpdates(this.view.state)) {
        const version = getSyncedVersion(this.view.state);
        const body = { version, updates: updates.map(({ clientID, changes }) => ({ clientID, changes })) };
        this.confirm((await this.posted(body)) - version, updates.map((update) => update.changes));
        if (this.stopped) return;
      }
      for (const { resolve } of this.waiting.splice(0)) resolve();
    } catch (error) {
      this.fail(error instanceof Refused && error.status === 507 ? "full" : "away");
    } finally {
      this.sending = false;
    }
  }

  /** The version that the server is at. A refusal because of the version says it too. */
  private async posted(body: object): Promise<number> {
    try {
      return (await post<{ version: number }>("/api/updates", body)).version;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // An answer that was lost on its way: the server has these updates, and says so by its version.
      if (error.status === 409) return (error.body as { version: number }).version;
      if (error.status === 401) this.stop("other-session");
      else if (error.status === 403) this.stop("not-writer");
      else throw error;
      return -1;
    }
  }

  private confirm(count: number, sent: readonly ChangeSet[]): void {
    if (this.stopped) return;
    if (count <= 0 || count > sent.length) {
      this.stop("diverged");
      return;
    }
    const clientID = getClientID(this.view.state);
    const own = sent.slice(0, count).map((changes) => ({ changes, clientID }));
    this.confirmed = own.reduce((text, update) => update.changes.apply(text), this.confirmed);
    [this.failures, this.trouble] = [0, null];
    this.view.dispatch(receiveUpdates(this.view.state, own));
    this.changed();
  }

  private fail(trouble: Trouble): void {
    this.trouble = trouble;
    for (const { reject } of this.waiting.splice(0)) reject(new Error(trouble));
    if (!this.stopped) {
      const wait = WAITS[Math.min(this.failures++, WAITS.length - 1)];
      this.retry = window.setTimeout(() => this.poke(), wait);
    }
    this.changed();
  }
}
