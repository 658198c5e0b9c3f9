/** The page's own changes by version, so that what the server says about an older text finds its place in the newest. */

import { ChangeSet, type Text } from "@codemirror/state";

/** How many changes are remembered: minutes of fast typing. The server answers within seconds. */
const REMEMBERED = 4000;

export class Versions {
  private changes: ChangeSet[] = [];
  private lengths: number[];

  constructor(private first: number, doc: Text) {
    this.lengths = [doc.length];
  }

  get now(): number {
    return this.first + this.changes.length;
  }

  note(changes: ChangeSet): void {
    this.changes.push(changes);
    this.lengths.push(changes.newLength);
    if (this.changes.length <= 2 * REMEMBERED) return;
    this.first += REMEMBERED;
    this.changes.splice(0, REMEMBERED);
    this.lengths.splice(0, REMEMBERED);
  }

  /** All changes since a version as one, null where they are not known. */
  since(version: number): ChangeSet | null {
    const start = version - this.first;
    if (start < 0 || start > this.changes.length) return null;
    const none = ChangeSet.empty(this.lengths[start] as number);
    return this.changes.slice(start).reduce((all, one) => all.compose(one), none);
  }
}
