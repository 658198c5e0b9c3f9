/** The list of speakers, and the dialogs that give a turn to one or rename one. */

import { button, byId, clock, make, openDialog } from "./elements";
import { colourClass, sign } from "./marks";
import type { Speaker } from "./protocol";

export class SpeakerList {
  speakers: Speaker[] = [];

  constructor(private readonly hear: (start: number, end: number) => void) {}

  show(speakers: Speaker[]): void {
    this.speakers = speakers;
    const rows = speakers.map((speaker, n) =>
      make("li", {}, badge(n), make("span", { class: "name" }, speaker.name), ...time(speaker), ...this.sample(speaker)),
    );
    byId("speakers").replaceChildren(...rows);
  }

  /** Let a person choose a speaker by a digit, a letter or a click, or type a new name; null leaves the place open. */
  choose(title: string, current: number | null, withoutName: boolean, chosen: (name: string | null) => void): void {
    const done = (name: string | null) => {
      dialog.close();
      chosen(name);
    };
    const rows = this.speakers.map((speaker, n) => {
      const pick = make("button", { type: "button", class: "pick", click: () => done(speaker.name) }, badge(n), speaker.name);
      if (n === current) pick.setAttribute("aria-current", "true");
      return make("li", {}, pick, ...this.sample(speaker));
    });
    const field = make("input", { type: "text", id: "new-name", autocomplete: "off", dir: "auto" });
    const form = make("form", { class: "new-name" }, make("label", { for: "new-name" }, "New name"), field, make("button", { type: "submit" }, "Take"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) done(field.value.trim());
    });
    const open = withoutName ? [button("Leave the name open", () => done(null), { class: "quiet" })] : [];
    const help = make("p", { class: "help" }, "Press the sign of a speaker, or N for a new name; arrows move, Space hears.");
    const dialog = openDialog(title, [help, make("ul", { class: "speakers" }, ...rows), form, ...open]);
    dialog.addEventListener("keydown", (event) => this.key(event, dialog, field, done));
    (dialog.querySelector<HTMLElement>("[aria-current]") ?? dialog.querySelector<HTMLElement>(".pick") ?? field).focus();
  }

  rename(renamed: (from: string, to: string) => void, current: number | null): void {
    const from = make("select", { id: "rename-from" }, ...this.speakers.map((one) => new Option(one.name, one.name)));
    if (current !== null) from.selectedIndex = current;
    const to = make("input", { type: "text", id: "rename-to", autocomplete: "off", dir: "auto", required: true });
    to.value = from.value;
    from.addEventListener("change", () => (to.value = from.value));
    const form = make(
      "form",
      { class: "rename" },
      make("label", { for: "rename-from" }, "Speaker"),
      from,
      make("label", { for: "rename-to" }, "New name, everywhere"),
      to,
      make("div", { class: "dialog-foot" }, make("button", { type: "submit", class: "primary" }, "Rename")),
    );
    const dialog = openDialog("Rename a speaker", [form]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = to.value.trim();
      dialog.close();
      if (name && name !== from.value) renamed(from.value, name);
    });
    to.focus();
    to.select();
  }

  private sample(speaker: Speaker): HTMLElement[] {
    const { sample } = speaker;
    if (!sample) return [];
    return [button("Hear", () => this.hear(sample[0], sample[1]), { class: "quiet hear", "aria-label": `Hear ${speaker.name}` })];
  }

  private key(event: KeyboardEvent, dialog: HTMLDialogElement, field: HTMLElement, done: (name: string) => void): void {
    if (event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
    const picks = [...dialog.querySelectorAll<HTMLElement>(".pick")];
    const at = picks.indexOf(document.activeElement as HTMLElement);
    const chosen = this.speakers.findIndex((_, n) => sign(n) === event.key.toUpperCase());
    if (event.key === "ArrowDown") picks[(at + 1) % picks.length]?.focus();
    else if (event.key === "ArrowUp") picks[(at + picks.length - 1) % picks.length]?.focus();
    else if (event.key === " " && at >= 0) picks[at]?.parentElement?.querySelector<HTMLElement>(".hear")?.click();
    else if (event.key.toUpperCase() === "N") field.focus();
    else if (chosen >= 0) done((this.speakers[chosen] as Speaker).name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** How long one speaks, where it is known. */
function time({ seconds }: Speaker): HTMLElement[] {
  return seconds > 0 ? [make("span", { class: "time" }, clock(1000 * seconds))] : [];
}

function badge(speaker: number): HTMLElement {
  return make("span", { class: `badge ${colourClass(speaker)}` }, sign(speaker));
}
