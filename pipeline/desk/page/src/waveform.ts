/** The waveform in the colours of who speaks, with a strip of turns below it that has their signs. */

import WaveSurfer from "wavesurfer.js";
import { byId } from "./elements";
import { sign } from "./marks";
import type { Hearing, Turns } from "./protocol";

/** Pixels for a second; 0 shows everything. */
const ZOOMS = [0, 5, 10, 25, 50, 100, 200];
/** Bars of the waveform in pixels: one with its gap. */
const BAR = 3;
const HEIGHT = 56;

export class Waveform {
  private readonly surfer: WaveSurfer;
  private readonly strip = byId<HTMLCanvasElement>("turns");
  private turns: Turns = { turns: [], typed: [] };
  private heard: Hearing["heard"] | null = null;
  private zoomed = 0;
  private pending = 0;

  constructor(audio: HTMLMediaElement, peaks: Float32Array, private readonly duration: number, nonce: string) {
    this.surfer = WaveSurfer.create({
      container: byId("waveform"),
      media: audio,
      peaks: [peaks],
      duration,
      height: HEIGHT,
      cspNonce: nonce,
      dragToSeek: true,
      hideScrollbar: false,
      cursorWidth: 2,
      cursorColor: this.colour("--text"),
      progressColor: "transparent", // what was played is dimmed by the style of its part, and keeps its colours
      renderFunction: (channels, context) => this.bars(channels[0] as Float32Array, context),
    });
    for (const event of ["redraw", "scroll", "resize", "zoom"] as const) this.surfer.on(event, () => this.drawStrip());
    this.strip.addEventListener("click", (event) => {
      audio.currentTime = ((event.offsetX + this.surfer.getScroll()) / this.width()) * duration;
    });
  }

  show(turns: Turns): void {
    this.turns = turns;
    this.later();
  }

  showHeard(hearing: Hearing): void {
    this.heard = hearing.finished ? null : hearing.heard;
    this.later();
  }

  zoom(step: 1 | -1): void {
    this.zoomed = Math.min(ZOOMS.length - 1, Math.max(0, this.zoomed + step));
    this.surfer.zoom(ZOOMS[this.zoomed] as number);
  }

  /** Draw again, for example in the colours of the night. Many events at once are drawn once. */
  later(): void {
    if (this.pending) return;
    this.pending = window.setTimeout(() => {
      this.pending = 0;
      this.surfer.setOptions({ cursorColor: this.colour("--text") });
      this.drawStrip();
    }, 100);
  }

  private colour(name: string): string {
    return getComputedStyle(document.body).getPropertyValue(name).trim();
  }

  private speakerColour(speaker: number | null): string {
    return this.colour(speaker === null ? "--muted" : `--speaker-${speaker % 10}`);
  }

  private width(): number {
    return this.surfer.getWrapper().clientWidth;
  }

  /** Draw the bars of one part of the waveform; its place is where wavesurfer puts its canvas. */
  private bars(peaks: Float32Array, context: CanvasRenderingContext2D): void {
    const { canvas } = context;
    const scale = window.devicePixelRatio || 1;
    const left = parseFloat(canvas.style.left) || 0;
    const milliseconds = (1000 * this.duration) / (this.width() || 1);
    const colours = new Map<number | null, string>();
    const step = peaks.length / (canvas.width / scale / BAR);
    let turn = 0;
    for (let x = 0, from = 0; from < peaks.length; x += BAR, from += step) {
      let peak = 0;
      for (let i = Math.floor(from); i < Math.min(from + step, peaks.length); i++) peak = Math.max(peak, Math.abs(peaks[i] as number));
      const moment = (left + x) * milliseconds;
      while (turn < this.turns.turns.length && (this.turns.turns[turn]?.[1] ?? 0) <= moment) turn++;
      const now = this.turns.turns[turn];
      const speaker = now && now[0] <= moment ? now[2] : null;
      if (!colours.has(speaker)) colours.set(speaker, this.speakerColour(speaker));
      context.fillStyle = colours.get(speaker) as string;
      context.globalAlpha = this.isTyped(moment) ? 1 : 0.45;
      const height = Math.max(2, peak * HEIGHT) * scale;
      context.fillRect(x * scale, (canvas.height - height) / 2, (BAR - 1) * scale, height);
    }
  }

  private isTyped(moment: number): boolean {
    return this.turns.typed.length === 0 || this.turns.typed.some(([start, end]) => start <= moment && moment < end);
  }

  /** Draw the part of the strip that is seen: who speaks, hatched where nothing is typed. */
  private drawStrip(): void {
    const { strip } = this;
    const scale = window.devicePixelRatio || 1;
    [strip.width, strip.height] = [strip.clientWidth * scale, strip.clientHeight * scale];
    const context = strip.getContext("2d");
    if (!context || !this.width()) return;
    context.scale(scale, scale);
    const pixels = this.width() / (1000 * this.duration);
    const scrolled = this.surfer.getScroll();
    const x = (moment: number) => moment * pixels - scrolled;
    for (const [start, end, speaker] of this.turns.turns) {
      if (x(end) < 0 || x(start) > strip.clientWidth) continue;
      this.drawTurn(context, x(start), Math.max(1, x(end) - x(start) - 1), speaker);
    }
    this.hatch(context, x);
  }

  private drawTurn(context: CanvasRenderingContext2D, left: number, width: number, speaker: number | null): void {
    const height = this.strip.clientHeight;
    context.fillStyle = this.speakerColour(speaker);
    context.fillRect(left, 0, width, height);
    if (width < 12) return; // no room for the sign
    context.fillStyle = this.colour("--surface");
    context.font = `600 ${height - 4}px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(sign(speaker), left + Math.min(width / 2, 20), height / 2 + 1);
  }

  private hatch(context: CanvasRenderingContext2D, x: (moment: number) => number): void {
    const height = this.strip.clientHeight;
    const edges = [0, ...this.turns.typed.flat(), 1000 * this.duration];
    context.strokeStyle = this.colour("--surface");
    context.lineWidth = 2;
    for (let i = 0; i < edges.length && this.turns.typed.length > 0; i += 2) {
      const [from, to] = [Math.max(0, x(edges[i] as number)), Math.min(this.strip.clientWidth, x(edges[i + 1] as number))];
      context.beginPath();
      for (let at = from; at < to; at += 6) {
        context.moveTo(at, height);
        context.lineTo(Math.min(to, at + height / 2), 0);
      }
      context.stroke();
    }
    context.fillStyle = this.colour("--muted");
    for (const [start, end] of this.heard ?? []) context.fillRect(x(start), height - 2, (end - start) * (x(1) - x(0)), 2);
  }
}
