/** The grey text: what is said next, behind the caret, until it is taken or typed. */

import { isolateHistory } from "@codemirror/commands";
import { StateEffect, StateField, type EditorState, type Extension, type Transaction } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";
import type { Piece } from "./protocol";

/** Words that are shown at most: about three lines. More is there when it is taken or typed up to. */
const SHOWN = 40;

export type Unit = Piece["end_of"];

interface Grey { at: number; pieces: Piece[]; decorations: DecorationSet }

class GreyText extends WidgetType {
  constructor(readonly text: string) {
    super();
  }

  override eq(other: GreyText): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "grey-text";
    element.setAttribute("aria-hidden", "true");
    element.textContent = this.text;
    return element;
  }

  override get lineBreaks(): number {
    return this.text.split("\n").length - 1;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

export const setGrey = StateEffect.define<{ at: number; pieces: Piece[] } | null>();

function grey(at: number, pieces: Piece[]): Grey | null {
  if (pieces.length === 0) return null;
  const end = pieces.findIndex((piece) => piece.end_of === "turn") + 1 || pieces.length;
  const shown = pieces.slice(0, Math.min(end, SHOWN)).map((piece) => piece.text).join("");
  const widget = new GreyText(end > SHOWN ? `${shown} …` : shown);
  return { at, pieces, decorations: Decoration.set(Decoration.widget({ widget, side: 1 }).range(at)) };
}

/** The pieces that are left when a text was typed, null where it is not how they begin. */
export function left(pieces: readonly Piece[], typed: string): Piece[] | null {
  const rest = [...pieces];
  let remaining = typed;
  while (remaining) {
    const first = rest.shift();
    if (!first) return null;
    if (remaining.startsWith(first.text)) remaining = remaining.slice(first.text.length);
    else if (first.text.startsWith(remaining)) return [{ ...first, text: first.text.slice(remaining.length) }, ...rest];
    else return null;
  }
  return rest;
}

/** The text that a transaction inserted at a place and nowhere else, null where it did anything else. */
function insertedAt(transaction: Transaction, at: number): string | null {
  let text: string | null = null;
  let only = true;
  transaction.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    if (fromA !== at || toA !== at || text !== null) only = false;
    text = inserted.toString();
  });
  return only ? text : null;
}

export const greyField = StateField.define<Grey | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setGrey)) return effect.value && grey(effect.value.at, effect.value.pieces);
    }
    if (value === null) return null;
    if (!transaction.docChanged) return transaction.newSelection.main.head === value.at ? value : null;
    const inserted = insertedAt(transaction, value.at);
    const { head } = transaction.newSelection.main;
    // Behind the caret are at most the line breaks that were taken with the words.
    if (inserted === null || head < value.at || inserted.slice(head - value.at).trim()) return null;
    const typed = inserted.slice(0, head - value.at);
    const pieces = left(value.pieces, typed);
    return pieces && head === value.at + typed.length ? grey(head, pieces) : null;
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value?.decorations ?? Decoration.none),
});

export function greyPieces(state: EditorState): readonly Piece[] {
  return state.field(greyField)?.pieces ?? [];
}

/** The pieces up to the end of the next word, sentence or turn. */
export function upTo(pieces: readonly Piece[], unit: Unit): readonly Piece[] {
  if (unit === "word") return pieces.slice(0, 1);
  const ends = unit === "turn" ? ["turn"] : ["sentence", "turn"];
  const last = pieces.findIndex((piece) => ends.includes(piece.end_of));
  return pieces.slice(0, last + 1 || pieces.length);
}

/** Take the grey text up to the end of a word, sentence or turn into the document. False where there is none. */
export function take(view: EditorView, unit: Unit): boolean {
  const value = view.state.field(greyField);
  if (!value || view.state.readOnly || view.composing) return false;
  const taken = upTo(value.pieces, unit);
  const insert = taken.map((piece) => piece.text).join("");
  const at = value.at;
  view.dispatch({
    changes: { from: at, insert: insert + (taken[0]?.behind ?? "") },
    selection: { anchor: at + view.state.toText(insert).length },
    annotations: isolateHistory.of("full"),
    userEvent: "input.take",
    scrollIntoView: true,
  });
  return true;
}

export const greyText: Extension = greyField;
