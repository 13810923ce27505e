// What is saved, in the header; and notices above the results when something is in the way.
import { $, timeOfDay, write } from "./dom.js";
import { isNarrow } from "./panes.js";

const PATIENCE = 600; // ms until "Saving …" is said: mostly it is saved before

export class Status {
  #timer = null;
  #countdown = null;
  #rest = { words: "", kind: "" };

  /** The words of the header's right end. `kind`: "good", "kept" or "". */
  say(words, kind = "") {
    this.#rest = { words, kind };
    this.settle();
  }

  /** Nothing is on its way: what was said last holds. */
  settle() {
    clearTimeout(this.#timer);
    this.#write(this.#rest.words, this.#rest.kind);
  }

  /** What is known of a note that has come on the screen. */
  first({ draft, submitted }, practice) {
    this.notice(null);
    if (practice) this.say("Practice: not counted");
    else if (draft) this.saved(draft.saved_at);
    else if (submitted) this.submitted(submitted.submitted_at);
    else this.say("Nothing ticked yet");
  }

  saved(at) {
    this.say(`✓ Saved ${timeOfDay(new Date(at))}`, "good");
  }

  submitted(at) {
    this.say(`✓ Submitted ${timeOfDay(new Date(at))}`, "good");
  }

  saving() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write("Saving …", ""), PATIENCE);
  }

  kept(isKept) {
    clearTimeout(this.#timer);
    const words = isKept ? "Kept on this computer, not sent" : "Not saved: do not leave this page";
    this.#write(words, "kept");
  }

  loggedOut() {
    this.say("Logged out", "kept");
    this.notice("ended");
  }

  #write(words, kind) {
    write($("saved"), words);
    $("saved").className = `saved ${kind}`;
  }

  /** Show one of the page's notices, or none: "down", "ended", "elsewhere", "refused". */
  notice(kind, detail = "") {
    // On a phone they stand above all panes.
    const place = $(isNarrow() ? "banners" : "found");
    if ($("notices").parentElement !== place) place.prepend($("notices"));
    for (const notice of document.querySelectorAll("#notices > [data-notice]")) {
      const shown = notice.dataset.notice === kind;
      const words = notice.querySelector("[data-detail]");
      if (shown && words) write(words, detail);
      if (notice.hidden === shown) notice.hidden = !shown;
    }
    this.kind = kind;
  }

  /** When the next try is; said by a clock that is read, not heard. */
  nextTry(time) {
    clearInterval(this.#countdown);
    const show = () => {
      const left = Math.max(0, Math.round((time - Date.now()) / 1000));
      write($("next-try"), left ? `Next try in ${left} s.` : "Trying …");
    };
    if (!time) {
      write($("next-try"), "");
      return;
    }
    show();
    this.#countdown = setInterval(show, 1000);
  }
}

/** Say something to a screen reader alone. */
export function announce(words) {
  write($("announce"), "");
  setTimeout(() => write($("announce"), words), 50); // the same words twice are said twice
}
