/** The sound: play, pause while typing, step back, skip, loop, speed. The waveform is in waveform.ts. */

import { readPeaks } from "./api";
import { announce, button, byId, clock, notify } from "./elements";
import { change, onSettings, settings } from "./settings";
import { Waveform } from "./waveform";

const SPEEDS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 1.75, 2, 2.5, 3];

export class Player {
  readonly audio = byId<HTMLAudioElement>("sound");
  waveform: Waveform | null = null;
  /** Milliseconds: play from the first to the second again and again. */
  private loop: [number, number] | null = null;
  /** Milliseconds at which playing ends. */
  private until: number | null = null;
  private pausedByTyping = false;
  private resumeTimer = 0;

  constructor(private readonly duration: number, private readonly moved: (moment: number, playing: boolean) => void) {
    const { audio } = this;
    audio.src = "/audio.wav";
    audio.preservesPitch = true;
    this.buttons();
    this.slider();
    for (const event of ["play", "pause", "seeked", "timeupdate", "loadedmetadata"]) {
      audio.addEventListener(event, () => this.show());
    }
    audio.addEventListener("play", () => this.frames());
    audio.addEventListener("error", () => notify("sound", "The sound cannot be played: the server does not give it."));
    audio.addEventListener("canplay", () => notify("sound", null));
    this.setSpeed(settings.speed);
    onSettings(() => this.setSpeed(settings.speed));
    this.mediaKeys();
    this.show();
  }

  /** Draw the waveform when its peaks are there. */
  async draw(nonce: string): Promise<Waveform> {
    this.waveform = new Waveform(this.audio, await readPeaks(), this.duration / 1000, nonce);
    return this.waveform;
  }

  get moment(): number {
    return Math.round(1000 * this.audio.currentTime);
  }

  get playing(): boolean {
    return !this.audio.paused;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    clearTimeout(this.resumeTimer);
    if (this.pausedByTyping) this.audio.currentTime = Math.max(0, this.audio.currentTime - settings.stepBack);
    this.pausedByTyping = false;
    this.audio.play().then(
      () => notify("play", null),
      (error: DOMException) => {
        if (error.name === "AbortError") return; // paused before it began
        const again = button("Play", () => this.play(), { class: "primary" });
        notify("play", "The browser did not let the sound begin by itself.", again);
      },
    );
  }

  pause(): void {
    clearTimeout(this.resumeTimer);
    this.until = null;
    this.audio.pause();
  }

  /** Play from a moment on, or until another. */
  playFrom(moment: number, until: number | null = null): void {
    this.seek(moment);
    this.until = until;
    this.pausedByTyping = false;
    this.play();
  }

  seek(moment: number): void {
    this.audio.currentTime = Math.min(Math.max(0, moment), this.duration) / 1000;
  }

  skip(seconds: number): void {
    this.seek(this.moment + 1000 * seconds);
  }

  /** A key was typed in the document. */
  typed(): void {
    if (this.playing && settings.pauseWhileTyping) {
      this.pause();
      this.pausedByTyping = true;
    }
    clearTimeout(this.resumeTimer);
    if (!this.pausedByTyping || settings.resumeAfter === 0) return;
    this.resumeTimer = window.setTimeout(() => this.play(), 1000 * settings.resumeAfter);
  }

  /** Loop between two moments, or end the loop. */
  setLoop(loop: [number, number] | null): void {
    this.loop = loop;
    byId("loop").setAttribute("aria-pressed", String(loop !== null));
    announce(loop ? `Loop from ${clock(loop[0])} to ${clock(loop[1])}` : "The loop is off");
    if (loop) this.playFrom(loop[0]);
  }

  get looping(): boolean {
    return this.loop !== null;
  }

  faster(step: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed >= settings.speed);
    change({ speed: SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + step))] as number });
  }

  private setSpeed(speed: number): void {
    this.audio.defaultPlaybackRate = this.audio.playbackRate = speed;
    byId<HTMLSelectElement>("speed").value = String(speed);
  }

  private buttons(): void {
    const speed = byId<HTMLSelectElement>("speed");
    for (const one of SPEEDS) speed.append(new Option(`${one}×`, String(one)));
    speed.addEventListener("change", () => change({ speed: Number(speed.value) }));
    byId("zoom-in").addEventListener("click", () => this.waveform?.zoom(1));
    byId("zoom-out").addEventListener("click", () => this.waveform?.zoom(-1));
  }

  /** The waveform is a slider for the keyboard and for screen readers. */
  private slider(): void {
    const slider = byId("waveform");
    slider.setAttribute("aria-valuemax", String(Math.round(this.duration / 1000)));
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageUp: 30, PageDown: -30 };
    slider.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (step !== undefined) this.skip(step);
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.duration);
      else return;
      event.preventDefault();
    });
  }

  private mediaKeys(): void {
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.setActionHandler("play", () => this.play());
    navigator.mediaSession.setActionHandler("pause", () => this.pause());
    navigator.mediaSession.setActionHandler("seekbackward", () => this.skip(-settings.skip));
    navigator.mediaSession.setActionHandler("seekforward", () => this.skip(settings.skip));
  }

  /** Follow the sound while it plays, once a frame. */
  private frames(): void {
    if (!this.playing) return;
    const { moment } = this;
    if (this.until !== null && moment >= this.until) this.pause();
    if (this.loop && (moment >= this.loop[1] || moment < this.loop[0] - 1000)) this.seek(this.loop[0]);
    this.moved(moment, true);
    requestAnimationFrame(() => this.frames());
  }

  private show(): void {
    const toggle = byId("play");
    toggle.setAttribute("aria-label", this.playing ? "Pause" : "Play");
    toggle.classList.toggle("playing", this.playing);
    byId("moment").textContent = `${clock(this.moment)} / ${clock(this.duration)}`;
    const slider = byId("waveform");
    slider.setAttribute("aria-valuenow", String(Math.round(this.moment / 1000)));
    slider.setAttribute("aria-valuetext", `${clock(this.moment)} of ${clock(this.duration)}`);
    if (!this.playing) this.moved(this.moment, false);
  }
}
