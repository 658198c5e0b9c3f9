/** What the server answers and sends. Positions count UTF-16 code units of the page's text, times are milliseconds. */

export type Mark = [from: number, to: number, start: number | null, end: number | null, flag: number];
export type Stretch = [from: number, to: number];

export interface Timing { version: number; from: number; to: number; words: Mark[] }
export interface Labels {
  version: number;
  labels: [from: number, to: number, speaker: number | null][];
  times: Stretch[];
  notes: Stretch[];
}
export interface Speaker { name: string; sample: Stretch | null; seconds: number }
export interface Speakers { speakers: Speaker[] }
export interface Turns { turns: [start: number, end: number, speaker: number | null][]; typed: Stretch[] }
export interface Note { text: string | null; at: number | null; complete: boolean }
export interface Action { id: string; title: string }
export interface Item {
  id: string;
  kind: string;
  message: string;
  from: number;
  to: number;
  start: number | null;
  end: number | null;
  same: number;
  actions: Action[];
}
/** Whether the times of the whole text have to be computed before they can be shown. */
export interface Settling { waits: boolean }
export interface Queue { version: number; items: Item[] }
export interface Hearing {
  stage: string;
  done: number;
  total: number;
  heard: Stretch[];
  finished: boolean;
  failed: string | null;
}
export interface FileState { state: "changed-on-disk" | "taken-over" | "released" }
export interface Recovery { changes: number; last: string; same_file: boolean }

export interface State {
  session: string;
  file: { name: string; path: string };
  audio: { name: string; duration: number };
  version: number;
  text: string;
  writer: boolean;
  saved_version: number | null;
  language: string;
  direction: "ltr" | "rtl";
  recovery: Recovery | null;
  timing: Timing;
  labels: Labels;
  turns: Turns;
  speakers: Speakers;
  note: Note;
  queue: Queue;
  settling: Settling;
  hearing: Hearing;
}

export interface Piece { text: string; start: number; end: number; end_of: "word" | "sentence" | "turn"; behind?: string }
export interface Caret { version: number; at: number; pieces: Piece[] }
export interface CommandAnswer { version: number; changes: unknown; select: Stretch | null }
export interface Conflict { disk: string; sha256: string }
