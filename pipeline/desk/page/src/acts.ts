/** Everything that a person can do, with its keys. Browsers, screen readers and macOS keyboards own many keys already. */

import { redo, undo } from "@codemirror/commands";
import { openSearchPanel } from "@codemirror/search";
import type { Desk } from "./desk";
import { hasEscape } from "./editor";
import { take, type Unit } from "./grey";
import type { Act } from "./keys";
import { speakerAt } from "./marks";
import { save } from "./saving";
import { openSettings, settings } from "./settings";

export function acts(desk: Desk): Act[] {
  const head = () => desk.view.state.selection.main.head;
  const current = () => speakerAt(desk.view, head());
  const writes = () => !desk.view.state.readOnly;
  const unit = (one: Unit) => () => take(desk.view, one);
  const back = () => desk.view.focus();
  const command = (name: string, parameters: object) => void desk.command(name, parameters).then(back);

  const chooseSpeaker = () =>
    writes() && desk.speakers.choose("Who speaks in this turn?", current(), false, (to) => command("speaker", { at: head(), to }));
  const split = () =>
    writes() && desk.speakers.choose("Who speaks from here on?", null, true, (to) => command("split", { at: head(), to }));
  const rename = () => writes() && desk.speakers.rename((from, to) => command("rename", { from, to }), current());
  const escape = (inText: boolean) => {
    if (inText && hasEscape(desk.view)) return false;
    desk.player.toggle();
    return true;
  };

  return [
    { id: "play", title: "Play, pause", keys: ["F4", "Mod-j"], bare: ["k"], run: () => desk.player.toggle() },
    { id: "play-escape", title: "Play, pause, where nothing is open or selected", keys: ["Escape"], run: escape },
    { id: "take-word", title: "Take the grey word", keys: ["Tab"], onlyInText: true, run: unit("word") },
    { id: "take-sentence", title: "Take the grey sentence", keys: ["Alt-Enter"], run: unit("sentence") },
    { id: "take-turn", title: "Take the grey turn", keys: ["Alt-Shift-Enter"], run: unit("turn") },
    { id: "announce-grey", title: "Read out the grey text", keys: ["Mod-Shift-Enter"], run: () => desk.announceGrey() },
    { id: "hear", title: "Hear the word at the caret", keys: ["Mod-Enter"], run: () => desk.hear() },
    { id: "speaker", title: "Speaker of this turn", keys: ["F2", "Mod-e"], run: chooseSpeaker },
    { id: "split", title: "Split the turn at the caret", keys: ["Mod-Shift-e"], run: split },
    { id: "merge", title: "Join the turn to the one before", keys: ["Mod-Shift-j"], run: () => writes() && command("merge", { at: head() }) },
    { id: "rename", title: "Rename a speaker everywhere", keys: ["Shift-F2"], run: rename },
    { id: "next", title: "Next in the queue", keys: ["F8"], run: () => desk.review.step(1) },
    { id: "previous", title: "Previous in the queue", keys: ["Shift-F8"], run: () => desk.review.step(-1) },
    { id: "to-sound", title: "Caret to what plays", keys: ["F9", "Mod-Shift-l"], run: () => desk.caretToSound() },
    { id: "skip-back", title: "Skip back", keys: ["Mod-Alt-j"], bare: ["j"], run: () => desk.player.skip(-settings.skip) },
    { id: "skip-on", title: "Skip forward", keys: ["Mod-Alt-l"], bare: ["l"], run: () => desk.player.skip(settings.skip) },
    { id: "slower", title: "Slower", keys: [], run: () => desk.player.faster(-1) },
    { id: "faster", title: "Faster", keys: [], run: () => desk.player.faster(1) },
    { id: "loop", title: "Loop what is selected", keys: ["Shift-F4"], run: () => desk.loop() },
    { id: "to-note", title: "Play from where the typing ends", keys: ["Shift-F9"], run: () => desk.playFromNote() },
    { id: "follow", title: "Follow what plays", keys: [], run: () => desk.follow(!desk.follows) },
    { id: "undo", title: "Undo", keys: [], run: () => void undo(desk.view) },
    { id: "redo", title: "Redo", keys: [], run: () => void redo(desk.view) },
    { id: "find", title: "Find and replace", keys: ["Mod-f"], run: () => void openSearchPanel(desk.view) },
    { id: "save", title: "Save", keys: ["Mod-s"], run: () => void save(desk) },
    { id: "settings", title: "Settings", keys: [], run: openSettings },
    { id: "keys", title: "All keys", keys: ["Mod-/"], bare: ["?"], run: () => desk.keys.open() },
  ];
}
