// One tab at a time for a note: the tabs of this browser tell each other which note they hold.
//
// Another browser or computer is noticed by the server, when something is saved.
import { uniqueName } from "./server.js";

const CHANNEL = "coderbench-desk";
const PATIENCE = 2000; // ms until a tab that does not answer is taken for closed
const NAME = "coderbench-desk-tab";

export class Tabs {
  #assignment = null;
  #channel = new BroadcastChannel(CHANNEL);
  #given = null;

  /**
   * `on.elsewhere()`: another tab holds this note. `on.give()`: another tab takes this note over;
   * resolves when everything is sent. `on.left()`: the user has logged out in another tab.
   */
  constructor(user, on) {
    this.user = String(user);
    this.on = on;
    this.holds = true;
    this.name = nameOfTab();
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  /** A note came on the screen: does another tab hold it? */
  open(assignment) {
    this.#assignment = assignment;
    this.holds = true;
    this.#say("who");
  }

  /** Ask the tab that holds this note to send what it has and let go. */
  take() {
    const given = new Promise((resolve) => {
      this.#given = resolve;
      setTimeout(resolve, PATIENCE);
    });
    this.#say("take");
    this.holds = true;
    return given;
  }

  #say(kind) {
    const { user, name } = this;
    this.#channel.postMessage({ kind, user, name, assignment: this.#assignment });
  }

  async #hear({ kind, user, name, assignment }) {
    if (user !== this.user) return;
    if (kind === "leaving") {
      await this.on.give();
      this.#say("given");
    }
    if (kind === "left") this.on.left();
    // A tab that was duplicated begins with the name of the other.
    if (kind === "here" && name === this.name) this.name = newName();
    if (assignment !== this.#assignment || assignment === null) return;
    if (kind === "who" && this.holds) this.#say("here");
    if (kind === "here" && this.holds) {
      this.holds = false;
      this.on.elsewhere();
    }
    if (kind === "take") {
      if (this.holds) await this.on.give();
      if (this.holds) this.on.elsewhere();
      this.holds = false;
      this.#say("given");
    }
    if (kind === "given") this.#given?.();
  }
}

/** This tab's own name, the same after a reload. */
function nameOfTab() {
  return read() ?? newName();
}

function read() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

function newName() {
  const name = uniqueName();
  try {
    sessionStorage.setItem(NAME, name);
  } catch {
    // after a reload it is another tab, which the server then says
  }
  return name;
}

/** Before a log-out: the tabs of this user send what they have, and are given time for it. */
export function sayLeaving(user) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ kind: "leaving", user: String(user) });
  return new Promise((resolve) => {
    const done = () => {
      channel.close();
      resolve();
    };
    channel.addEventListener("message", ({ data }) => data.kind === "given" && done());
    setTimeout(done, 300); // no tab answers where there is none
  });
}

/** Tell the tabs of this user that he has logged out. */
export function sayLeft(user) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ kind: "left", user: String(user) });
  channel.close();
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // there is none
  }
}
