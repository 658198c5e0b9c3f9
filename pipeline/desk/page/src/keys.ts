/** The keys of all acts, which a person can change. */

import { base, keyName } from "w3c-keyname";
import { button, make, openDialog } from "./elements";
import { change, settings } from "./settings";

export interface Act {
  id: string;
  title: string;
  keys: readonly string[];
  /** Do it; false where it does not apply now, so that the key goes on to whoever has it else. */
  run: (inText: boolean) => boolean | void;
  /** The keys do it only in the document: elsewhere they are needed, as Tab is. */
  onlyInText?: true;
  /** Keys without Ctrl or Alt that work only outside of text. */
  bare?: readonly string[];
}

export const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** The name of a pressed key: `Mod-Shift-l`. Mod is Ctrl, on a Mac Cmd. */
export function pressed(event: KeyboardEvent): string {
  const [mod, other] = MAC ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  let name = keyName(event);
  // A keyboard without Latin letters: the key that has the letter on others.
  if ((mod || event.altKey) && name.length === 1 && name > "~") name = base[event.keyCode] ?? name;
  const key = name.length === 1 ? name.toLowerCase() : name;
  // Shift counts with letters and named keys; other signs, as / and ?, need it on some keyboards and not on others.
  const shift = event.shiftKey && (key.length > 1 || key !== key.toUpperCase());
  const parts = [mod && "Mod", other && (MAC ? "Ctrl" : "Meta"), event.altKey && "Alt", shift && "Shift", key];
  return parts.filter(Boolean).join("-");
}

/** How a key is shown to a person. */
export function shown(key: string): string {
  const names: Record<string, string> = MAC
    ? { Mod: "⌘", Alt: "⌥", Shift: "⇧", Escape: "Esc" }
    : { Mod: "Ctrl", Escape: "Esc" };
  const parts = key === "-" ? ["-"] : key.split("-");
  return parts.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(MAC ? " " : "+");
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export class Keys {
  constructor(private readonly acts: readonly Act[]) {}

  /** The keys of an act as they are set now. */
  of(act: Act): readonly string[] {
    return settings.keys[act.id] ?? act.keys;
  }

  /** Do what the pressed key says; whether it did anything. */
  handle(event: KeyboardEvent): boolean {
    if (event.isComposing || event.keyCode === 229) return false; // an input method is at work
    const key = pressed(event);
    const inText = isText(event.target);
    const inDocument = event.target instanceof Element && event.target.closest(".cm-content") !== null;
    const bare = (act: Act) => !inText && (act.bare ?? []).includes(key);
    const fits = (act: Act) => (this.of(act).includes(key) && (inDocument || !act.onlyInText)) || bare(act);
    return this.acts.some((act) => fits(act) && act.run(inText) !== false);
  }

  /** What a button is called when one rests on it. */
  label(id: string): string {
    const act = this.acts.find((one) => one.id === id) as Act;
    const keys = this.of(act);
    return keys.length ? `${act.title} (${keys.map(shown).join(", ")})` : act.title;
  }

  run(id: string): void {
    this.acts.find((one) => one.id === id)?.run(false);
  }

  open(): void {
    const body = make("tbody");
    const fill = () => body.replaceChildren(...this.acts.map((act) => this.row(act, fill)));
    fill();
    const table = make("table", { class: "keys" }, make("thead", {}, make("tr", {}, ...heads("Act", "Keys", "Change"))), body);
    const reset = button("Set all back", () => {
      change({ keys: {} });
      fill();
    });
    const text = "Ctrl+M (on a Mac Shift+Alt+M) lets Tab leave the text; Shift+Tab leaves it always.";
    openDialog("Keys", [make("p", {}, text), table, make("div", { class: "dialog-foot" }, reset)], true);
  }

  private row(act: Act, fill: () => void): HTMLElement {
    const keys = this.of(act).map((key) => make("kbd", {}, shown(key)));
    const bare = (act.bare ?? []).flatMap((key) => [make("kbd", {}, shown(key)), "outside text"]);
    const cell = make("td", {}, ...keys, ...bare);
    const title = `Change the key of: ${act.title}`;
    const edit = button("Change", () => this.record(act, cell, fill), { "aria-label": title, class: "quiet" });
    return make("tr", {}, make("th", { scope: "row" }, act.title), cell, make("td", {}, edit));
  }

  /** Take the next key that is pressed for an act, and from the act that had it. */
  private record(act: Act, cell: HTMLElement, fill: () => void): void {
    cell.textContent = "Press the new key; Esc leaves it as it is.";
    const listen = (event: KeyboardEvent) => {
      if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const key = pressed(event);
      if (key.replace("Shift-", "").length === 1) {
        cell.textContent = "A sign alone belongs to the text. Press a key with Ctrl, Alt or Cmd, or a function key.";
        return;
      }
      document.removeEventListener("keydown", listen, true);
      if (key !== "Escape") {
        const others = this.acts.filter((one) => one !== act && this.of(one).includes(key));
        const freed = others.map((one) => [one.id, this.of(one).filter((other) => other !== key)]);
        change({ keys: { ...settings.keys, ...Object.fromEntries(freed), [act.id]: [key] } });
      }
      fill();
    };
    document.addEventListener("keydown", listen, true);
  }
}

function heads(...titles: string[]): HTMLElement[] {
  return titles.map((title) => make("th", { scope: "col" }, title));
}
