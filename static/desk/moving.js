// From note to note: Submit, the next one, going back to one.
import { Ahead } from "./ahead.js";
import { question } from "./dialogs.js";
import { $, counted, timeOfDay, write } from "./dom.js";
import { isNarrow, showPane } from "./panes.js";
import { handIn, showComparison } from "./practice.js";
import { ask, outcome } from "./server.js";
import { announce } from "./status.js";

const SOON = 300; // ms after a note has come on the screen, the next one is fetched
const AGAIN = 3000; // ms
const THANKS = 1500; // ms

/** State of the outbox -> what stands where the next note will be. */
const WAITING = {
  up: "The next note is being fetched …",
  down:
    "The server does not answer. What you submitted is kept on this computer and is sent " +
    "as soon as it is back; then the next note comes.",
  ended:
    "You are logged out. What you submitted is kept on this computer and is sent as soon as you " +
    "are logged in again; then the next note comes.",
};

const BASE = location.pathname.replace(/[^/]+\/$/, "");

/** The address of a note's page; with `what` of its data, its draft, its Submit or its clock. */
export function addressOf(assignment, what = "") {
  return `${BASE}${assignment}/${what && `${what}/`}`;
}

export class Moving {
  #names = new Map(); // assignment -> the note's id, of those seen here
  #last = null; // {assignment, words} of the answer that was given last
  #opening = 0;
  #isSaid = false; // why no note comes: the last one was it, or an answer was not taken

  constructor(desk) {
    this.desk = desk;
    this.ahead = new Ahead((assignment, isAhead) => this.fetch(assignment, isAhead));
    window.addEventListener("popstate", () => this.open(assignmentOf(location.pathname), false));
    // The second click of a double click would submit the next note, unread.
    $("send").addEventListener("click", ({ detail }) => detail < 2 && this.submit());
    $("open-again").addEventListener("click", (event) => this.#openAgain(event));
    $("next-practice")?.addEventListener("click", () => this.#nextPractice());
  }

  get isWaiting() {
    return document.body.dataset.waiting !== undefined;
  }

  nameOf(assignment) {
    return this.#names.get(assignment);
  }

  /** `isAhead`: it is not shown yet. The server records who has which note, and how. */
  fetch(assignment, isAhead = false) {
    return ask("GET", addressOf(assignment, "note") + (isAhead ? "?ahead=1" : ""));
  }

  /** A note has come on the screen. `isFresh`: the server was asked just now what comes next. */
  arrivedAt(data, isFresh) {
    this.#opening += 1;
    this.#isSaid = false;
    this.#names.set(data.assignment, data.note_id);
    delete document.body.dataset.waiting;
    if (this.desk.study.practice) return;
    const next = isFresh ? data.next : null;
    setTimeout(() => this.#prepare(next), SOON);
  }

  async submit() {
    const { coding, study } = this.desk;
    if (!coding.isMine) return this.desk.refuse();
    if (coding.answer.isEmpty) {
      return this.desk.tell("Tick a code first, or “No listed code applies”");
    }
    this.desk.time.resume();
    if (study.practice) return this.#submitPractice();
    const { note_id: name, assignment } = coding.data;
    const codes = counted(coding.answer.codes.length, "code");
    const given = coding.answer.noneApplies ? "no listed code applies" : codes;
    this.#last = { assignment, words: `Note ${name}, ${given}` };
    this.sayLast();
    coding.submit();
    const data = this.ahead.take();
    if (data && !this.desk.outbox.isSubmitting(data.assignment)) {
      ask("POST", addressOf(data.assignment, "opened"), {});
      return this.desk.show(data);
    }
    document.body.dataset.waiting = "";
    if (isNarrow()) showPane("note");
    return this.sayWaiting();
  }

  /** The server has an answer; `reply` says what comes next. */
  submitted({ assignment }, reply) {
    const isLast = assignment === this.#last?.assignment;
    if (isLast) this.sayLast(`submitted ${timeOfDay(new Date(reply.submitted_at))}`);
    if (this.desk.outbox.isSubmitting()) return;
    if (this.isWaiting) this.#follow(reply);
    else this.#prepare();
  }

  /** Where the next note is waited for: ask the server which one it is. */
  async goOn() {
    if (!this.isWaiting || this.desk.outbox.isSubmitting()) return;
    const reply = await this.fetch(this.desk.coding.assignment);
    if (outcome(reply) === "arrived") this.#follow(reply.data);
  }

  /** The server answers again. */
  back() {
    if (!this.isWaiting) this.#prepare();
  }

  /** What became of the last answer, below the codes. */
  sayLast(became = "being sent") {
    if (!this.#last) return;
    const { assignment, words } = this.#last;
    write($("last-sent"), `${words}: ${became}.`);
    $("open-again").href = addressOf(assignment);
    $("last").hidden = false;
  }

  /** The answer before was not taken: no next note comes by itself. */
  stuck(words) {
    this.#isSaid = this.isWaiting;
    if (this.isWaiting) write($("waiting-words"), words);
  }

  sayWaiting() {
    if (this.#isSaid) return;
    write($("waiting-words"), WAITING[this.desk.outbox.state]);
  }

  /** Fetch a note and put it on the screen. */
  async open(assignment, push = true) {
    this.#opening += 1;
    const mine = this.#opening;
    const reply = await this.fetch(assignment);
    if (mine !== this.#opening) return;
    const became = outcome(reply);
    if (became === "arrived") {
      this.desk.show(reply.data, push);
    } else if (became === "down" || became === "ended") {
      this.desk.status.notice(became);
      const again = () => mine === this.#opening && this.open(assignment, push);
      if (this.isWaiting) setTimeout(again, AGAIN);
    } else {
      const leave = () => location.assign(this.desk.study.queue_url);
      question(reply.data?.detail ?? "That note cannot be opened.", [["Back to my notes", leave]]);
    }
  }

  #prepare(next = null) {
    if (this.desk.study.practice || this.isWaiting) return;
    if (this.desk.outbox.isSubmitting()) return; // what comes next is known only then
    this.ahead.prepare(this.desk.coding.assignment, next);
  }

  #follow({ next, next_url: address }) {
    if (next !== null && next !== undefined) {
      this.open(next);
      return;
    }
    const words = "That was the last note for now. Thank you.";
    this.#isSaid = true;
    document.body.dataset.waiting = "";
    write($("waiting-words"), words);
    announce(words);
    setTimeout(() => location.assign(address ?? this.desk.study.queue_url), THANKS);
  }

  async #openAgain(event) {
    event.preventDefault();
    await this.desk.outbox.now();
    await this.open(assignmentOf(new URL($("open-again").href).pathname));
  }

  async #submitPractice() {
    const { coding, codes } = this.desk;
    const data = await handIn(addressOf(coding.assignment, "submit"), coding.body);
    if (!data) {
      this.desk.tell("The server does not answer. Try again in a moment.");
      return;
    }
    coding.stopped = "submitted";
    showComparison(data, codes);
  }

  #nextPractice() {
    location.assign(this.desk.coding.data.next_url);
  }
}

function assignmentOf(path) {
  return Number(path.match(/(\d+)\/$/)[1]);
}
