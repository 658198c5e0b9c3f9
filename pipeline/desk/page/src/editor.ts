/** The document in CodeMirror. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { highlightSelectionMatches, search, searchKeymap, searchPanelOpen } from "@codemirror/search";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, type ViewUpdate } from "@codemirror/view";
import { collaboration } from "./connection";
import { byId } from "./elements";
import { greyText } from "./grey";
import { MAC } from "./keys";
import { marks } from "./marks";
import type { State } from "./protocol";
import { settings } from "./settings";

/** Pixels that stay free below the caret: two or three lines of grey text. */
const BELOW = 90;

const night = matchMedia("(prefers-color-scheme: dark)");
const readOnly = new Compartment();
const theme = new Compartment();
const spelling = new Compartment();

export const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";

/** Day or night, and the nonce that the Content-Security-Policy asks of styles. */
export function look(): Extension {
  return [EditorView.darkTheme.of(night.matches), EditorView.cspNonce.of(nonce)];
}

function spellcheck(): Extension {
  return EditorView.contentAttributes.of({ spellcheck: String(settings.spellcheck) });
}

interface Host {
  key: (event: KeyboardEvent) => boolean;
  updated: (update: ViewUpdate) => void;
  /** Ctrl or Cmd and a click on a position. */
  clicked: (position: number) => void;
  /** The person moved the view. */
  scrolled: () => void;
}

export function openEditor(state: State, host: Host): EditorView {
  const handlers = EditorView.domEventHandlers({
    keydown: (event) => host.key(event),
    mousedown: (event, view) => {
      if (!(MAC ? event.metaKey : event.ctrlKey) || event.button !== 0) return false;
      const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (position === null) return false;
      host.clicked(position);
      return true;
    },
    wheel: () => host.scrolled(),
    touchmove: () => host.scrolled(),
  });
  const view = new EditorView({
    parent: byId("editor"),
    state: EditorState.create({
      doc: state.text,
      extensions: [
        Prec.highest(handlers),
        collaboration(state.version),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightSpecialChars(),
        search({ top: true }),
        highlightSelectionMatches({ minSelectionLength: 3 }),
        keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap.filter((binding) => !taken(binding.key))]),
        EditorView.lineWrapping,
        EditorView.scrollMargins.of((view) => ({ bottom: Math.min(BELOW, view.scrollDOM.clientHeight / 3) })),
        EditorView.perLineTextDirection.of(true),
        EditorView.contentAttributes.of({
          "aria-label": `Transcript ${state.file.name}`,
          dir: state.direction,
          lang: state.language,
          tabindex: "0", // it is editable anyway; some programs ask for the attribute
        }),
        Prec.low(marks),
        greyText,
        readOnly.of(EditorState.readOnly.of(!state.writer)),
        theme.of(look()),
        spelling.of(spellcheck()),
        EditorView.updateListener.of(host.updated),
      ],
    }),
  });
  night.addEventListener("change", () => view.dispatch({ effects: theme.reconfigure(look()) }));
  return view;
}

/** Keys that the desk has for itself. */
function taken(key: string | undefined): boolean {
  return key === "Mod-Enter" || key === "Mod-/";
}

export function setReadOnly(view: EditorView, value: boolean): void {
  view.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(value)) });
}

export function setSpelling(view: EditorView): void {
  view.dispatch({ effects: spelling.reconfigure(spellcheck()) });
}

/** Whether Escape belongs to the editor now: a panel is open or something is selected. */
export function hasEscape(view: EditorView): boolean {
  const { state } = view;
  return searchPanelOpen(state) || state.selection.ranges.length > 1 || !state.selection.main.empty;
}
