// One tab at a time for a note: the tabs of a browser tell each other which note they hold.
import { question } from "./dialog.js";
import { QUEUE } from "./site.js";

const PATIENCE = 2000; // ms until a tab that does not answer is taken for closed

const channel = new BroadcastChannel("coderbench");
const toQueue = ["Back to my queue", () => location.assign(QUEUE)];

/** Ask the other tabs for each note that comes on the screen; `held()` gives that note, or null. */
export class Tabs {
  constructor(held) {
    this.held = held;
    this.taking = false;
    channel.addEventListener("message", ({ data }) => this.hear(data));
  }

  /** A note came on the screen: does another tab hold it? */
  ask() {
    this.say("who");
  }

  say(kind) {
    const note = this.held();
    channel.postMessage({ kind, key: `${note.user}:${note.task}` });
  }

  hear({ kind, key }) {
    const note = this.held();
    if (!note) return;
    if (kind === "left" && key === note.user) this.loggedOut(note);
    if (key !== `${note.user}:${note.task}`) return;
    if (kind === "who" && note.active) this.say("here");
    if (kind === "here" && note.active) this.stepBack(note);
    if (kind === "take") this.giveAway(note);
    if (kind === "released" && this.taking) location.reload();
  }

  stepBack(note) {
    note.active = false;
    question("This note is open in another tab.", [["Take over here", () => this.take()], toQueue]);
  }

  take() {
    this.taking = true;
    this.say("take");
    setTimeout(() => location.reload(), PATIENCE);
  }

  async giveAway(note) {
    if (note.active) {
      await note.stop();
      const words = "This note is open in another tab now. What was ticked here is there.";
      question(words, [["Take it back here", () => this.take()], toQueue]);
    }
    this.say("released");
  }

  loggedOut(note) {
    note.active = false;
    question("You have logged out.", [["Sign in again", () => location.assign(QUEUE)]]);
  }
}

/** Tell the tabs of this user that he has logged out. */
export function sayLeft(user) {
  channel.postMessage({ kind: "left", key: user });
}
