/** The marks of words move as the text does: laws over random changes. scripts/build_page.py runs them. */

import assert from "node:assert/strict";
import test from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import { left, upTo } from "../src/grey";
import { Versions } from "../src/versions";
import { Words } from "../src/words";

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function wordsOf(text) {
  return [...text.matchAll(/\w+/g)].map((found, n) => [found.index, found.index + found[0].length, 100 * n, 100 * n + 90, 0]);
}

function table(marks, length) {
  const words = new Words();
  words.replace(0, length + 1, marks);
  return words;
}

const places = (words) => Array.from({ length: words.count }, (_, n) => [words.from[n], words.to[n]]);

test("words move as positions do, where no change touches them", () => {
  for (let seed = 0; seed < 500; seed++) {
    const pick = random(seed);
    const text = Array.from({ length: 30 }, () => "ab cd  e\n"[pick(9)]).join("");
    const changes = [];
    for (let at = 0; at < text.length; at += 1 + pick(12)) {
      const to = Math.min(text.length, at + pick(4));
      changes.push({ from: at, to, insert: "xyz ".slice(0, pick(5)) });
      at = to;
    }
    const set = ChangeSet.of(changes, text.length);
    const marks = wordsOf(text);
    const words = table(marks, text.length);
    words.move(set);
    for (const [n, [from, to]] of marks.entries()) {
      const touched = changes.some((one) => one.from <= to && one.to >= from);
      const [start, end] = places(words)[n];
      assert.ok(start <= end && end <= set.newLength, `seed ${seed}`);
      if (!touched) assert.deepEqual([start, end], [set.mapPos(from), set.mapPos(to)], `seed ${seed}`);
    }
    assert.deepEqual([...words.from], [...words.from].sort((a, b) => a - b), `seed ${seed}`);
  }
});

test("a word that is replaced as a whole keeps its place, a letter before or behind it is not part of it", () => {
  const words = table([[2, 5, 10, 20, 0]], 9);
  words.move(ChangeSet.of({ from: 2, to: 5, insert: "word" }, 9));
  assert.deepEqual(places(words), [[2, 6]]);
  words.move(ChangeSet.of([{ from: 2, insert: "(" }, { from: 6, insert: ")" }], 10));
  assert.deepEqual(places(words), [[3, 7]]);
  words.move(ChangeSet.of({ from: 5, insert: "x" }, 12));
  assert.deepEqual(places(words), [[3, 8]]);
  words.move(ChangeSet.of({ from: 0, to: 12 }, 13));
  assert.equal(words.from[0], words.to[0]);
});

test("words are found by place and by moment", () => {
  const words = table([[0, 2, 500, 900, 0], [3, 5, null, null, 2], [6, 9, 100, 400, 0]], 9);
  assert.equal(words.spokenAt(50), null);
  assert.equal(words.spokenAt(450), 2);
  assert.equal(words.spokenAt(2000), 0);
  assert.equal(words.timedAt(4), 0);
  assert.equal(words.timedAt(9), 2);
  words.replace(3, 6, [[3, 5, 950, 990, 1]]);
  assert.deepEqual([words.count, words.timedAt(4), words.spokenAt(960)], [3, 1, 1]);
});

test("grey text is what is left of the pieces", () => {
  const pieces = [" one", " two.", " Three"].map((text, n) => ({ text, start: n, end: n, end_of: ["word", "sentence", "turn"][n] }));
  const texts = (some) => some && some.map((piece) => piece.text);
  assert.deepEqual(texts(left(pieces, " on")), ["e", " two.", " Three"]);
  assert.deepEqual(texts(left(pieces, " one two.")), [" Three"]);
  assert.equal(left(pieces, " x"), null);
  assert.equal(left(pieces, " one two. Three!"), null);
  assert.deepEqual(texts(upTo(pieces, "word")), [" one"]);
  assert.deepEqual(texts(upTo(pieces, "sentence")), [" one", " two."]);
  assert.deepEqual(texts(upTo(pieces, "turn")), [" one", " two.", " Three"]);
});

test("changes since a version are one, where they are known", () => {
  const versions = new Versions(7, Text.of(["abc"]));
  versions.note(ChangeSet.of({ from: 3, insert: "d" }, 3));
  versions.note(ChangeSet.of({ from: 0, to: 1 }, 4));
  assert.equal(versions.now, 9);
  assert.equal(versions.since(7).apply(Text.of(["abc"])).toString(), "bcd");
  assert.ok(versions.since(9).empty);
  assert.equal(versions.since(6), null);
  assert.equal(versions.since(10), null);
});
