/** Save the text into its file, and what happens where another program changed that file. */

import { getSyncedVersion } from "@codemirror/collab";
import { post, Refused } from "./api";
import type { Desk } from "./desk";
import { look } from "./editor";
import { announce, button, notify } from "./elements";
import { difference, merge } from "./merging";
import type { Conflict } from "./protocol";
import { settings } from "./settings";

/** Apply the moved note and times as one step that undo takes back, then write the file. */
export async function save(desk: Desk): Promise<void> {
  if (desk.view.state.readOnly) return;
  if (await desk.command("save-plan", { times: settings.times })) await write(desk, null);
}

/** Write the file; `replace` is the sum of the one on the disk that a person has seen. */
async function write(desk: Desk, replace: string | null): Promise<void> {
  try {
    await desk.connection.flushed();
    const version = getSyncedVersion(desk.view.state);
    const saved = await post<{ version: number; paths: string[]; remarks?: string[] }>("/api/save", { version, replace });
    desk.savedVersion = saved.version;
    notify("save", null);
    notify("file", null);
    notify("remarks", saved.remarks?.join(" – ") || null, button("OK", () => notify("remarks", null)));
    announce(`Saved: ${saved.paths.join(", ")}`);
    desk.showStatus();
  } catch (error) {
    const conflict = error instanceof Refused && error.status === 409 ? (error.body as Partial<Conflict>) : {};
    if (conflict.disk !== undefined && conflict.sha256 !== undefined) decide(desk, conflict as Conflict);
    else notify("save", "The file was not saved. What you typed is kept; try it again.");
  }
}

/** Show the file on the disk beside the page's text, and save what a person made of both. */
function decide(desk: Desk, conflict: Conflict): void {
  const sides = {
    title: "The file changed on the disk",
    explanation: "Another program changed the file. Take over what you want from the left; the text on the right is saved.",
    other: conflict.disk,
    otherName: "On the disk",
    own: desk.view.state.doc.toString(),
    ownName: "Here",
    finish: "Save the text on the right",
  };
  merge(sides, look(), (text) => {
    desk.dispatch({ changes: difference(desk.view.state.doc, text), userEvent: "merge" });
    void write(desk, conflict.sha256);
  });
}
