/** What is drawn on the text: labels with colour and sign, dimmed times, words that are unsure or not found, the spoken word. */

import { RangeSet, StateEffect, StateField, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { greyField, setGrey } from "./grey";
import type { Labels } from "./protocol";
import { Words } from "./words";

/** The signs of speakers: the keys that give a turn to them. N is left out, it begins a new name. */
export const SIGNS = "123456789ABCDEFGHIJKLMOPQRSTUVWXYZ";
const COLOURS = 10;

export function sign(speaker: number | null): string {
  return speaker === null ? "?" : (SIGNS[speaker] ?? "•");
}

export function colourClass(speaker: number | null): string {
  return speaker === null ? "speaker-none" : `speaker-${speaker % COLOURS}`;
}

export const setLabels = StateEffect.define<Labels>();

interface LabelMark { speaker: number | null }

const DIM = Decoration.mark({ class: "dim" });

function labelMarks(labels: Labels, length: number): DecorationSet {
  const mark = (speaker: number | null) =>
    Decoration.mark({ class: `label ${colourClass(speaker)}`, attributes: { "data-sign": sign(speaker) }, speaker });
  const dim = [...labels.times, ...labels.notes].map(([from, to]) => DIM.range(from, to));
  const named = labels.labels.map(([from, to, speaker]) => mark(speaker).range(from, to));
  const valid = (range: Range<Decoration>) => range.from < range.to && range.to <= length;
  return Decoration.set([...dim, ...named].filter(valid), true);
}

/** The labels, times and notes of the text. */
export const labelField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const moved = marks.map(transaction.changes);
    const fresh = transaction.effects.find((effect) => effect.is(setLabels));
    return fresh ? labelMarks(fresh.value as Labels, transaction.newDoc.length) : moved;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The speaker of the turn at a position, null where there is none. */
export function speakerAt(view: EditorView, position: number): number | null {
  let speaker: number | null = null;
  view.state.field(labelField).between(0, position, (_from, _to, mark) => {
    if (mark.spec.class !== "dim") speaker = (mark.spec as LabelMark).speaker;
  });
  return speaker;
}

/** The words are new, or another one is spoken. */
export const redraw = StateEffect.define<null>();

const LOST = Decoration.mark({ class: "lost" });
const UNSURE = Decoration.mark({ class: "unsure" });
const SPOKEN = Decoration.mark({ class: "spoken" });
const HEADING = Decoration.line({ class: "heading", attributes: { dir: "auto" } });
const LINE = Decoration.line({ attributes: { dir: "auto" } });

/** The words and what is drawn of them. */
class WordView {
  readonly words = new Words();
  lit: number | null = null;
  decorations: DecorationSet = Decoration.none;
  lines: DecorationSet = Decoration.none;

  constructor(view: EditorView) {
    this.draw(view);
  }

  update(update: ViewUpdate): void {
    if (update.docChanged) this.words.move(update.changes);
    const redrawn = update.transactions.some((one) => one.effects.some((effect) => effect.is(redraw) || effect.is(setGrey)));
    if (update.docChanged || update.viewportChanged || redrawn) this.draw(update.view);
  }

  private draw(view: EditorView): void {
    const marks: Range<Decoration>[] = [];
    const lines: Range<Decoration>[] = [];
    for (const { from, to } of view.visibleRanges) {
      this.flagged(view, from, to, marks);
      for (let at = from; at <= to; ) {
        const line = view.state.doc.lineAt(at);
        lines.push((/^#{1,6} /.test(line.text) ? HEADING : LINE).range(line.from));
        at = line.to + 1;
      }
    }
    const { lit, words } = this;
    const [from, to] = lit === null ? [0, 0] : [words.from[lit] as number, words.to[lit] as number];
    if (from < to && view.visibleRanges.some((seen) => from <= seen.to && to >= seen.from)) marks.push(SPOKEN.range(from, to));
    this.decorations = Decoration.set(marks, true);
    this.lines = RangeSet.of(lines, true);
  }

  /** Mark the stretches of words with the same flag that touch a part of the text. */
  private flagged(view: EditorView, from: number, to: number, marks: Range<Decoration>[]): void {
    const { words } = this;
    let [start, end, until, flag] = [0, 0, 0, 0];
    const close = () => {
      if (flag !== 0 && start < end) marks.push((flag === 1 ? UNSURE : LOST).range(start, end));
    };
    for (let i = words.firstBehind(from); i < words.count && (words.from[i] as number) < to; i++) {
      if (words.flag[i] !== flag || (words.from[i] as number) > until) {
        close();
        [start, flag] = [words.from[i] as number, words.flag[i] as number];
        until = this.stretchEnd(view, start);
      }
      end = words.to[i] as number;
    }
    close();
  }

  /** A stretch ends with its line, and before the grey text, which must not be underlined with it. */
  private stretchEnd(view: EditorView, start: number): number {
    const line = view.state.doc.lineAt(start).to;
    const grey = view.state.field(greyField)?.at ?? line;
    return grey > start ? Math.min(line, grey) : line;
  }
}

export const wordView = ViewPlugin.fromClass(WordView, {
  provide: (plugin) => [
    EditorView.decorations.of((view) => view.plugin(plugin)?.decorations ?? Decoration.none),
    EditorView.decorations.of((view) => view.plugin(plugin)?.lines ?? Decoration.none),
  ],
});

export function wordsOf(view: EditorView): Words {
  return (view.plugin(wordView) as WordView).words;
}

/** Light the word that is said at a moment; return it where it is another one than before. */
export function light(view: EditorView, moment: number | null): number | null {
  const plugin = view.plugin(wordView) as WordView;
  const lit = moment === null ? null : plugin.words.spokenAt(moment);
  if (lit === plugin.lit) return null;
  plugin.lit = lit;
  view.dispatch({ effects: redraw.of(null) });
  return lit;
}

export const marks: Extension = [labelField, wordView];
