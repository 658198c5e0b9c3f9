/** The queue: what a person should look at, with what can be done about each. */

import { announce, byId, clock, make } from "./elements";
import type { Item, Queue } from "./protocol";

export interface Place { from: number; to: number }

interface Host {
  /** Where an item is in the newest text, null where that is not known. */
  place: (version: number, from: number, to: number) => Place | null;
  /** Select a place in the text and bring it into view. */
  select: (place: Place) => void;
  play: (start: number, end: number | null) => void;
  act: (item: Item, action: string) => Promise<boolean>;
  /** Go to the text. */
  edit: () => void;
}

/** Milliseconds that are heard before and after the place of an item. */
const AROUND = 400;

export class Review {
  private queue: Queue = { version: 0, items: [] };
  private current: string | null = null;
  /** The current item was not opened: it took the place of one that is done. */
  private isNext = false;
  private readonly list = byId("queue");

  constructor(private readonly host: Host) {
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  show(queue: Queue): void {
    const hadFocus = this.list.contains(document.activeElement);
    const place = this.index();
    const after = this.queue.items.slice(Math.max(0, place)).map((item) => item.id);
    const before = this.current;
    this.queue = queue;
    // Where the current item is gone, the one that followed it becomes current.
    this.current = after.find((id) => queue.items.some((item) => item.id === id)) ?? null;
    if (place < 0) this.current = null;
    if (this.current !== before) this.isNext = this.current !== null;
    this.list.replaceChildren(...queue.items.map((item) => this.row(item)));
    byId("queue-count").textContent = String(queue.items.length);
    byId("queue-empty").hidden = queue.items.length > 0;
    if (hadFocus) (this.element(this.current) ?? this.list).focus();
  }

  /** Go to the next or the previous item, and hear it. */
  step(by: 1 | -1): boolean {
    const { items } = this.queue;
    if (items.length === 0) {
      announce("Nothing is in the queue");
      return true;
    }
    const at = this.isNext && by === 1 ? this.index() - 1 : this.index();
    const next = at < 0 ? (by === 1 ? 0 : items.length - 1) : (at + by + items.length) % items.length;
    this.open(items[next] as Item);
    return true;
  }

  private index(): number {
    return this.queue.items.findIndex((item) => item.id === this.current);
  }

  private element(id: string | null): HTMLElement | null {
    return id === null ? null : this.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  }

  private open(item: Item): void {
    this.element(this.current)?.removeAttribute("aria-current");
    this.current = item.id;
    this.isNext = false;
    const row = this.element(item.id);
    row?.setAttribute("aria-current", "true");
    const place = this.host.place(this.queue.version, item.from, item.to);
    if (place) this.host.select(place);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
    if (item.start !== null) this.host.play(item.start - AROUND, item.end === null ? null : item.end + AROUND);
  }

  private row(item: Item): HTMLElement {
    const message = item.message.charAt(0).toLocaleUpperCase() + item.message.slice(1);
    const title = item.same > 1 ? `${message} (${item.same} alike)` : message;
    const time = item.start === null ? [] : [make("span", { class: "time" }, clock(item.start))];
    const show = make("button", { type: "button", class: "item-text", click: () => this.open(item) }, ...time, ...isolated(title));
    const actions = item.actions.map((action, n) => {
      const key = n < 9 ? [make("kbd", { "aria-hidden": "true" }, String(n + 1))] : [];
      const one = make("button", { type: "button", class: n ? "quiet" : "primary", click: () => void this.act(item, action.id) });
      one.append(...key, action.title);
      return one;
    });
    const row = make("li", { tabindex: -1, "data-id": item.id, "data-kind": item.kind }, show);
    if (item.id === this.current) row.setAttribute("aria-current", "true");
    if (actions.length) row.append(make("div", { class: "actions" }, ...actions));
    return row;
  }

  private async act(item: Item, action: string): Promise<void> {
    this.current = item.id;
    this.element(item.id)?.focus();
    if (await this.host.act(item, action)) announce("Done");
  }

  /** Digits do what the item offers, Enter goes to its place in the text; both are free here, outside of the text. */
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = this.queue.items[this.index()];
    const action = item?.actions[Number(event.key) - 1];
    const isEdit = event.key === "Enter" && event.target instanceof HTMLLIElement;
    if (!item || (!isEdit && (!action || !/^[1-9]$/.test(event.key)))) return;
    event.preventDefault();
    event.stopPropagation();
    if (isEdit) this.host.edit();
    else if (action) void this.act(item, action.id);
  }
}

/** A message in which quoted text runs in its own direction and leaves that of the message alone. */
function isolated(message: string): (HTMLElement | string)[] {
  return message.split(/(“[^”]*”)/).map((part, n) => (n % 2 ? make("bdi", {}, part) : part));
}
