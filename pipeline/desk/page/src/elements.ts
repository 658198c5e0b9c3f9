/** Elements of the page. Text becomes a text node always, so nothing that was said or typed is ever read as markup. */

type Child = Node | string;
type Properties = Record<string, string | number | boolean | ((event: never) => void)>;

/** Make an element: functions become listeners, `true` an empty attribute, `false` none. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key, value as EventListener);
    else if (value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** The element of index.html with this id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function button(title: string, click: () => void, properties: Properties = {}): HTMLButtonElement {
  return make("button", { type: "button", click, ...properties }, title);
}

/** Minutes and seconds, with hours where there are any: 1:02:03. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Say something to people who use a screen reader. */
export function announce(text: string): void {
  const region = byId("announcements");
  region.textContent = "";
  // A region is read when its content changes, so the same text twice needs a moment without text.
  setTimeout(() => (region.textContent = text), 50);
}

/** Show a line above the document until it is replaced; null hides it. */
export function notify(name: string, text: string | null, ...actions: HTMLButtonElement[]): void {
  const bar = byId("notices");
  bar.querySelector(`[data-name="${name}"]`)?.remove();
  if (text === null) return;
  bar.append(make("div", { class: "notice", "data-name": name, role: "status" }, make("span", {}, text), ...actions));
}

/** Open a dialog that Escape closes; it is removed when closed. */
export function openDialog(title: string, content: Child[], wide = false): HTMLDialogElement {
  const close = button("Close", () => dialog.close(), { class: "quiet" });
  const head = make("div", { class: "dialog-head" }, make("h2", { id: "dialog-title" }, title), close);
  const dialog = make("dialog", { "aria-labelledby": "dialog-title", class: wide ? "wide" : "" }, head, ...content);
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
