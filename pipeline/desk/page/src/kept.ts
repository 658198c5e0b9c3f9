/** What the server has not confirmed, in the browser's own store: it outlives the server and the page. */

import { ChangeSet, Text, type EditorState } from "@codemirror/state";
import { unconfirmed } from "./connection";
import type { State } from "./protocol";

interface Kept {
  session: string;
  version: number;
  /** The text that the changes were made to. */
  base: string;
  changes: unknown[];
}

function place(path: string): string {
  return `cuemark-desk-unconfirmed:${path}`;
}

/** Keep what is unconfirmed, or forget what was kept where everything is confirmed. */
export function keep(path: string, session: string, state: EditorState, base: Text): void {
  const { version, changes } = unconfirmed(state);
  try {
    if (changes.length === 0) localStorage.removeItem(place(path));
    else localStorage.setItem(place(path), JSON.stringify({ session, version, base: base.toString(), changes } satisfies Kept));
  } catch {
    // A full store: the page itself still has everything, and says that it is not saved.
  }
}

export function forget(path: string): void {
  try {
    localStorage.removeItem(place(path));
  } catch {
    // There is no store, so nothing is kept in it.
  }
}

/** What was kept for a file that the server's state does not have yet: the text as it was in the page. */
export function keptText(state: State): { text: string; certain: boolean } | null {
  let kept: Kept;
  try {
    const found = localStorage.getItem(place(state.file.path));
    if (!found) return null;
    kept = JSON.parse(found) as Kept;
  } catch {
    return null;
  }
  const text = replayed(kept);
  if (text === null || text === state.text) {
    forget(state.file.path);
    return null;
  }
  // The changes fit for certain where the server has the text that they were made to, or a part of them already.
  return { text, certain: stages(kept).includes(state.text) };
}

/** The texts after none, one, two … of the changes. */
function stages(kept: Kept): string[] {
  return kept.changes.map((_, count) => replayed({ ...kept, changes: kept.changes.slice(0, count) }) ?? "");
}

function replayed(kept: Kept): string | null {
  const base = Text.of(kept.base.split("\n"));
  try {
    return kept.changes.reduce((text: Text, one) => ChangeSet.fromJSON(one).apply(text), base).toString();
  } catch {
    return null; // kept by another version of this page
  }
}
