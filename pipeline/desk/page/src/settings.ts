/** What a person has set, kept by the browser. */

import { button, make, openDialog } from "./elements";

const PLACE = "cuemark-desk-settings";

export interface Settings {
  pauseWhileTyping: boolean;
  /** Seconds that playing goes back when it is resumed after a pause for typing. */
  stepBack: number;
  /** Seconds without a key after which playing goes on by itself; 0 is never. */
  resumeAfter: number;
  skip: number;
  speed: number;
  greyText: boolean;
  spellcheck: boolean;
  /** Save new times into the file, where the file has none. */
  times: boolean;
  /** Keys that differ from the defaults, by act. */
  keys: Record<string, string[]>;
}

const DEFAULTS: Settings = {
  pauseWhileTyping: true,
  stepBack: 1.5, // about the last four words
  resumeAfter: 0,
  skip: 5,
  speed: 1,
  greyText: true,
  spellcheck: false, // some browsers send text to another machine for it
  times: false,
  keys: {},
};

function read(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Settings>) };
  } catch {
    return { ...DEFAULTS };
  }
}

export const settings: Settings = read();
const listeners: (() => void)[] = [];

export function onSettings(listener: () => void): void {
  listeners.push(listener);
}

export function change(changed: Partial<Settings>): void {
  Object.assign(settings, changed);
  try {
    localStorage.setItem(PLACE, JSON.stringify(settings));
  } catch {
    // A browser without a store has them until the page is closed.
  }
  for (const listener of listeners) listener();
}

type Of<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings];

function checkbox(key: Of<boolean>, title: string): HTMLElement {
  const box = make("input", { type: "checkbox", checked: settings[key] });
  box.addEventListener("change", () => change({ [key]: box.checked }));
  return make("label", { class: "setting" }, box, title);
}

function number(key: Of<number>, title: string, low: number, high: number, step: number): HTMLElement {
  const field = make("input", { type: "number", min: low, max: high, step, value: settings[key] });
  field.addEventListener("change", () => {
    const value = field.valueAsNumber;
    if (value >= low && value <= high) change({ [key]: value });
  });
  return make("label", { class: "setting" }, field, title);
}

export function openSettings(): void {
  const dialog = openDialog("Settings", [
    checkbox("pauseWhileTyping", "Pause while I type"),
    number("stepBack", "seconds back when playing goes on after a pause for typing", 0, 10, 0.5),
    number("resumeAfter", "seconds without a key until playing goes on by itself (0: never)", 0, 30, 0.5),
    number("skip", "seconds to skip", 1, 60, 1),
    checkbox("greyText", "Show in grey what is said next"),
    checkbox("spellcheck", "Check spelling (your browser does it; some send text to their maker for it)"),
    checkbox("times", "Save new times into the file, also where it has none"),
    make("div", { class: "dialog-foot" }, button("Done", () => dialog.close(), { class: "primary" })),
  ]);
}
