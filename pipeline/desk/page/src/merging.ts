/** Two versions of the text side by side, of which a person makes one. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MergeView, diff } from "@codemirror/merge";
import { ChangeSet, EditorState, type Extension, type Text } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { button, make, openDialog } from "./elements";

/** The changes that make one text of another. */
export function difference(from: Text, to: string): ChangeSet {
  const old = from.toString();
  const changes = diff(old, to).map((part) => ({ from: part.fromA, to: part.toA, insert: to.slice(part.fromB, part.toB) }));
  return ChangeSet.of(changes, from.length);
}

interface Sides {
  title: string;
  explanation: string;
  other: string;
  otherName: string;
  own: string;
  ownName: string;
  finish: string;
}

/** Show both; `finished` gets the text that the person made of them, on the right. */
export function merge(sides: Sides, look: Extension, finished: (text: string) => void): void {
  const shared = [look, EditorView.lineWrapping, keymap.of([...defaultKeymap, ...historyKeymap])];
  const labelled = (label: string) => EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });
  const place = make("div", { class: "merge" });
  const heads = make("div", { class: "merge-heads" }, make("span", {}, sides.otherName), make("span", {}, sides.ownName));
  const take = button(sides.finish, () => {
    const text = view.b.state.doc.toString();
    dialog.close();
    finished(text);
  });
  take.className = "primary";
  const foot = make("div", { class: "dialog-foot" }, button("Not now", () => dialog.close()), take);
  const dialog = openDialog(sides.title, [make("p", {}, sides.explanation), heads, place, foot], true);
  const view = new MergeView({
    a: { doc: sides.other, extensions: [...shared, EditorState.readOnly.of(true), labelled(sides.otherName)] },
    b: { doc: sides.own, extensions: [...shared, history(), labelled(sides.ownName)] },
    parent: place,
    revertControls: "a-to-b",
    renderRevertControl: () => button("→", () => undefined, { "aria-label": "Take this from the left", title: "Take this from the left" }),
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
  dialog.addEventListener("close", () => view.destroy());
}
