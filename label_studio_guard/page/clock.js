// Seconds worked on a note, without the time in which nobody worked on it.
//
//   const clock = new Clock(seconds so far, { onEvent: (event, seconds) => ... });
//   clock.touch();   // at each of SIGNS
//   clock.hide();    // and show(): the tab, by visibilitychange
//   clock.pause();   // and resume(): the coder's own button
//   clock.seconds;   // read it every second or so: idleness is noticed whenever the clock is used
//
// It stands still while paused, while hidden, and from two minutes after the last sign of somebody
// on. Those two minutes count, what is beyond them does not. A computer that slept is idleness like
// any other. Opening the note, coming back to its tab and resuming are signs too.
//
// `onEvent` is told "paused" and "resumed", "hidden" and "shown", "idle" and "back", each once,
// with the seconds so far.

/** Events of a page that show that somebody is there. */
export const SIGNS = ["keydown", "pointerdown", "wheel"];

/** Seconds without a sign that still count. */
export const PATIENCE = 120;

export class Clock {
  #counted; // seconds until #looked
  #looked; // when the clock was looked at last, in ms of `now`
  #quiet = 0; // seconds since the last sign, as far as the clock went on
  #idle = false;
  #hidden = false;
  #paused = false;
  #onEvent;
  #now;

  /**
   * `startSeconds` were worked before. `now` gives ms: performance.now goes on evenly where the
   * computer's own clock is changed.
   */
  constructor(startSeconds = 0, { onEvent = () => {}, now = () => performance.now() } = {}) {
    this.#counted = startSeconds > 0 && startSeconds < Infinity ? startSeconds : 0;
    this.#onEvent = onEvent;
    this.#now = now;
    this.#looked = now();
  }

  get seconds() {
    this.#look();
    return this.#counted;
  }

  get paused() {
    return this.#paused;
  }

  /** Somebody is there. */
  touch() {
    this.#look();
    if (this.#hidden || this.#paused) return;
    this.#quiet = 0;
    if (!this.#idle) return;
    this.#idle = false;
    this.#tell("back");
  }

  pause() {
    if (this.#paused) return;
    this.touch();
    this.#paused = true;
    this.#tell("paused");
  }

  resume() {
    if (!this.#paused) return;
    this.#look();
    this.#paused = false;
    this.#tell("resumed");
    this.touch();
  }

  hide() {
    if (this.#hidden) return;
    this.#look();
    this.#hidden = true;
    this.#tell("hidden");
  }

  show() {
    if (!this.#hidden) return;
    this.#look();
    this.#hidden = false;
    this.#tell("shown");
    this.touch();
  }

  /** Count what has passed since the last look. A clock that was set back adds nothing. */
  #look() {
    const now = this.#now();
    const passed = Math.max(0, (now - this.#looked) / 1000);
    this.#looked = now;
    if (this.#hidden || this.#paused || this.#idle) return;
    this.#counted += Math.min(passed, PATIENCE - this.#quiet);
    this.#quiet += passed;
    if (this.#quiet < PATIENCE) return;
    this.#idle = true;
    this.#tell("idle");
  }

  #tell(event) {
    this.#onEvent(event, this.#counted);
  }
}
