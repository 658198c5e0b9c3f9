/** The times of all words. Arrays of numbers: 30,000 words take half a megabyte, and a key moves them in microseconds. */

import type { ChangeDesc } from "@codemirror/state";
import type { Mark } from "./protocol";

const NONE = -1;

/** The first of `length` places for which `reached` holds; it holds for all after it. */
function firstWhere(length: number, reached: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class Words {
  count = 0;
  from = new Int32Array(0);
  to = new Int32Array(0);
  flag = new Uint8Array(0);
  private starts = new Int32Array(0);
  private ends = new Int32Array(0);
  /** The words that have a time, by time. */
  private timed = new Int32Array(0);

  /** Replace the words that begin in a stretch. */
  replace(from: number, to: number, marks: readonly Mark[]): void {
    const first = firstWhere(this.count, (i) => this.at(this.from, i) >= from);
    const after = firstWhere(this.count, (i) => this.at(this.from, i) >= to);
    const column = (old: Int32Array, index: 0 | 1 | 2 | 3) =>
      joined(old, first, after, this.count, marks.map((mark) => mark[index] ?? NONE));
    const flags = joined(Int32Array.from(this.flag), first, after, this.count, marks.map((mark) => mark[4]));
    [this.from, this.to] = [column(this.from, 0), column(this.to, 1)];
    [this.starts, this.ends] = [column(this.starts, 2), column(this.ends, 3)];
    this.flag = Uint8Array.from(flags);
    this.count = this.from.length;
    const timed = Array.from({ length: this.count }, (_, i) => i).filter((i) => this.start(i) !== null);
    this.timed = Int32Array.from(timed).sort((a, b) => this.at(this.starts, a) - this.at(this.starts, b));
  }

  /** Move all words as a change moves the text. A word that is replaced as a whole keeps its time, a deleted one becomes empty. */
  move(changes: ChangeDesc): void {
    const spans: Span[] = [];
    changes.iterChangedRanges((fromA, toA, fromB, toB) => spans.push({ fromA, toA, fromB, toB }));
    const start = spans[0]?.fromA;
    if (start === undefined) return;
    let [c, d] = [0, 0];
    for (let i = firstWhere(this.count, (k) => this.at(this.to, k) >= start); i < this.count; i++) {
      const [from, to] = [this.at(this.from, i), this.at(this.to, i)];
      while (c < spans.length && (spans[c] as Span).toA < from) c++;
      while (d < spans.length && (spans[d] as Span).toA < to) d++;
      this.from[i] = moved(from, spans, c, (span) => (from === span.fromA && from < span.toA ? span.fromB : span.toB));
      const end = moved(to, spans, d, (span) => (to === span.toA && to > span.fromA ? span.toB : span.fromB));
      this.to[i] = Math.max(this.at(this.from, i), end);
    }
  }

  start(index: number): number | null {
    return known(this.starts, index);
  }

  end(index: number): number | null {
    return known(this.ends, index);
  }

  /** The first word that ends behind a position. */
  firstBehind(position: number): number {
    return firstWhere(this.count, (i) => this.at(this.to, i) > position);
  }

  /** The word at a position or, between words, the one before it that has a time; null where there is none. */
  timedAt(position: number): number | null {
    let index = this.firstBehind(position);
    if (index === this.count || this.at(this.from, index) > position) index--;
    while (index >= 0 && (this.start(index) === null || this.from[index] === this.to[index])) index--;
    return index < 0 ? null : index;
  }

  /** The word that is said at a moment, or was said last; null before the first. */
  spokenAt(moment: number): number | null {
    const next = firstWhere(this.timed.length, (i) => this.at(this.starts, this.at(this.timed, i)) > moment);
    return next === 0 ? null : this.at(this.timed, next - 1);
  }

  private at(array: Int32Array, index: number): number {
    return array[index] as number;
  }
}

function known(array: Int32Array, index: number): number | null {
  const value = array[index] ?? NONE;
  return value === NONE ? null : value;
}

interface Span { fromA: number; toA: number; fromB: number; toB: number }

/** Where a position goes, of which `next` is the first change that ends at it or behind it. */
function moved(position: number, spans: Span[], next: number, inside: (span: Span) => number): number {
  const span = spans[next];
  if (span && span.fromA <= position) return inside(span);
  const before = spans[next - 1];
  return before ? position + before.toB - before.toA : position;
}

function joined(old: Int32Array, first: number, after: number, count: number, middle: number[]): Int32Array<ArrayBuffer> {
  const all = new Int32Array(first + middle.length + count - after);
  all.set(old.subarray(0, first));
  all.set(middle, first);
  all.set(old.subarray(after, count), first + middle.length);
  return all;
}
