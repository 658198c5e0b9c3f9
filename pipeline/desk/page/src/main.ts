/** Opens the page: enter, read the state, offer what was not saved, and listen to the server. */

import { enter, named, post, readState, Refused } from "./api";
import { Desk } from "./desk";
import { look } from "./editor";
import { button, byId, make, notify, openDialog } from "./elements";
import { forget, keptText } from "./kept";
import { difference, merge } from "./merging";
import type { State } from "./protocol";

/** Milliseconds between tries to reach a server that ended its stream of events for good. */
const RETRY = 3000;

const EVENTS = ["timing", "labels", "speakers", "turns", "note", "queue", "settling", "hearing", "file"];

async function open(): Promise<void> {
  await enter();
  let state = await readState();
  if (state.recovery && state.writer) state = await recover(state);
  const desk = new Desk(state);
  titles(desk);
  await new Stream(desk).opened;
  replay(desk);
  desk.view.focus();
  document.body.classList.add("ready");
}

/** The server's events, beginning with all that happened since the page got the state. */
class Stream {
  readonly opened: Promise<void>;
  private readonly source = new EventSource(named("/api/events"));
  private broken = false;

  constructor(private readonly desk: Desk) {
    for (const name of EVENTS) {
      this.source.addEventListener(name, (event: MessageEvent<string>) => desk.on(name, JSON.parse(event.data)));
    }
    this.opened = new Promise((resolve) => {
      for (const name of ["open", "error"]) this.source.addEventListener(name, () => resolve());
    });
    this.source.addEventListener("error", () => {
      this.broken = true;
      // The browser tries again by itself, but not where it was refused.
      if (this.source.readyState === EventSource.CLOSED) setTimeout(() => void this.check(), RETRY);
    });
    this.source.addEventListener("open", () => {
      if (this.broken) void this.check();
      this.broken = false;
    });
  }

  /** After a break: see whether it is the same session, and take in what was missed. */
  private async check(): Promise<void> {
    const { desk } = this;
    try {
      const state = await readState();
      if (state.session !== desk.state.session) desk.connection.stop("other-session");
      else desk.takeState(state);
      if (this.source.readyState === EventSource.CLOSED && state.session === desk.state.session) new Stream(desk);
    } catch (error) {
      // The new server's own page brings the cookie; until then this one is not let in.
      if (error instanceof Refused && error.status === 401) desk.connection.stop("other-session");
      else if (this.source.readyState === EventSource.CLOSED) setTimeout(() => void this.check(), RETRY);
    }
  }
}

/** Ask what to do with what an earlier session did not save. */
function recover(state: State): Promise<State> {
  const { changes, last, same_file } = state.recovery as NonNullable<State["recovery"]>;
  return new Promise((resolve, reject) => {
    const answer = (choice: "restore" | "discard") => {
      post<State>("/api/recover", { choice }).then(resolve, reject);
      dialog.close();
    };
    const when = new Date(last).toLocaleString();
    const text = `The last time, ${changes} changes were not saved in the file. The last one is of ${when}.`;
    const warning = same_file ? [] : [make("p", { class: "warning" }, "The file has changed since.")];
    const foot = make("div", { class: "dialog-foot" });
    const dialog = openDialog("There are changes that were not saved", [make("p", {}, text), ...warning, foot]);
    const restore = button("Restore them", () => answer("restore"), { class: "primary" });
    foot.append(button("Discard them", () => answer("discard")), restore);
    dialog.querySelector(".dialog-head button")?.remove();
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    restore.focus();
  });
}

/** Put back what this browser kept and the server does not have. */
function replay(desk: Desk): void {
  const kept = keptText(desk.state);
  if (!kept || !desk.state.writer) return;
  const put = (text: string) => {
    desk.dispatch({ changes: difference(desk.view.state.doc, text), userEvent: "replay" });
    forget(desk.state.file.path);
  };
  if (kept.certain) {
    put(kept.text);
    notify("kept", "What this browser had kept and the server did not have yet is in the text again.", button("OK", () => notify("kept", null)));
    return;
  }
  const sides = {
    title: "This browser kept another text",
    explanation: "What you typed last did not reach the server, and the file has changed since. The text on the left is what you had.",
    other: kept.text,
    otherName: "What you had typed",
    own: desk.view.state.doc.toString(),
    ownName: "The text now",
    finish: "Take the text on the right",
  };
  const compare = button("Compare", () => merge(sides, look(), put), { class: "primary" });
  const discard = button("Discard it", () => {
    forget(desk.state.file.path);
    notify("kept", null);
  });
  notify("kept", "This browser kept changes that did not reach the server.", compare, discard);
}

function titles(desk: Desk): void {
  const { file } = desk.state;
  document.title = `${file.name} – cuemark desk`;
  byId("file-name").textContent = file.name;
  byId("file-name").title = file.path;
  for (const element of document.querySelectorAll<HTMLElement>("[data-act]")) {
    const id = element.dataset.act as string;
    element.title = desk.keys.label(id);
    // The text keeps the focus and the selection when a button is pressed with the mouse.
    element.addEventListener("mousedown", (event) => event.preventDefault());
    element.addEventListener("click", () => desk.keys.run(id));
  }
  const aside = byId("show-aside");
  aside.addEventListener("click", () => {
    aside.setAttribute("aria-expanded", String(document.body.classList.toggle("shows-aside")));
  });
  document.addEventListener("keydown", (event) => {
    const elsewhere = document.querySelector("dialog[open]") !== null || desk.view.contentDOM.contains(event.target as Node);
    if (!event.defaultPrevented && !elsewhere && desk.keys.handle(event)) event.preventDefault();
  });
  addEventListener("pagehide", () => desk.keepNow());
  addEventListener("beforeunload", (event) => {
    if (!desk.leaving && desk.pending) event.preventDefault();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => desk.player.waveform?.later());
}

open().catch((error: unknown) => {
  const refused = error instanceof Refused && (error.status === 401 || error.status === 403);
  const text = refused
    ? "This address was used already, or the server was started again. Open the address that cuemark desk wrote in the terminal."
    : "The server does not answer. Start cuemark desk again.";
  notify("start", text);
});
