// Feeds the clock (clock.js) what happens on this page, shows it, and tells the server of pauses.
import { Clock, SIGNS } from "./clock.js";
import { $, asClock, attributes, write } from "./dom.js";

export class Timekeeper {
  #clock = new Clock();

  /** `on.event(name, seconds)`: the clock stopped or goes on; `on.pause(paused)`. */
  constructor(on) {
    this.on = on;
    for (const sign of SIGNS) {
      document.addEventListener(sign, () => this.#clock.touch(), { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("pagehide", () => this.#clock.hide());
    setInterval(() => this.#draw(), 1000);
    $("pause").addEventListener("click", () => this.toggle());
    $("go-on").addEventListener("click", () => this.toggle());
  }

  /** Another note: so many seconds were worked on it before. */
  start(seconds) {
    this.resume();
    this.#clock = new Clock(seconds, { onEvent: (name, at) => this.on.event(name, at) });
    this.#look();
    this.#draw();
  }

  get seconds() {
    return Math.round(this.#clock.seconds * 10) / 10;
  }

  get paused() {
    return this.#clock.paused;
  }

  toggle() {
    if (this.paused) this.resume();
    else this.#pause();
  }

  #pause() {
    this.#clock.pause();
    this.#show(true);
  }

  /** Who searches or ticks goes on. */
  resume() {
    if (!this.paused) return;
    this.#clock.resume();
    this.#show(false);
  }

  #show(paused) {
    document.body.classList.toggle("paused", paused);
    $("paused").hidden = !paused;
    attributes($("note"), { "aria-hidden": paused ? "true" : null });
    write($("pause-word"), paused ? "Go on" : "Pause");
    this.#draw();
    this.on.pause(paused);
  }

  #look() {
    if (document.hidden) this.#clock.hide();
    else this.#clock.show();
  }

  #draw() {
    write($("worked"), asClock(this.#clock.seconds));
  }
}
