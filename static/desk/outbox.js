// What is on its way to the server: drafts and answers, in the order of pressing, until they are
// there.
//
// Each item is kept in this browser first (kept.js) and sent then, one request at a time, so that
// nothing overtakes. Where the server does not answer, or the session has ended, everything waits
// and is tried again: after a while, when the network is back, when the coder comes back to the
// tab. What the server refuses stays kept, and `on.refused` says so.
import { keep, kept, keptAssignments, unkeep } from "./kept.js";
import { ask, outcome } from "./server.js";

const DELAYS = [1, 2, 4, 8, 15, 30]; // seconds between tries

export class Outbox {
  #items = []; // {assignment, kind: "draft" | "submit", body, refused}
  #tries = 0;
  #timer = null;
  #running = null;
  #closed = false;

  /**
   * `address(assignment, what)` gives an address. `on.arrived(item, data)` and
   * `on.refused(item, reason, data)` say what became of one; `on.changed()` that `state`,
   * `waiting` or `nextTry` may be other than before.
   */
  constructor(user, address, on, send = ask) {
    this.user = user;
    this.address = address;
    this.on = on;
    this.send = send;
    this.state = "up"; // "down": no answer; "ended": nobody is logged in
    this.isKept = true; // whether this browser keeps anything
    this.nextTry = null; // when, as Date.now() counts
  }

  /** Items that are still to be sent, refused ones left out. */
  get waiting() {
    return this.#items.filter((item) => !item.refused);
  }

  /** Whether an answer was given that the server does not have yet. */
  isSubmitting(assignment = null) {
    const submits = this.#items.filter((item) => item.kind === "submit");
    return submits.some((item) => assignment === null || item.assignment === assignment);
  }

  /** Whether ticks of a note are still to be sent, or were refused. */
  hasDraft(assignment) {
    return this.#items.some((item) => item.assignment === assignment && item.kind === "draft");
  }

  /** What an earlier page of this user could not send. Not of `current`: that is on the screen. */
  restore(current) {
    const entries = keptAssignments(this.user).map((assignment) => ({
      assignment,
      ...kept(this.user, assignment),
    }));
    const pressed = entries.filter((entry) => entry.submit);
    pressed.sort((one, other) => one.submit.pressed - other.submit.pressed);
    for (const { assignment, submit } of pressed) {
      this.#items.push({ assignment, kind: "submit", body: submit });
    }
    for (const { assignment, draft } of entries) {
      if (draft && assignment !== current) {
        this.#items.push({ assignment, kind: "draft", body: draft, earlier: true });
      }
    }
    return this.run();
  }

  /** Keep what is ticked, and send it. It takes the place of a draft that still waits. */
  draft(assignment, body) {
    this.#drop(assignment, "draft");
    this.#add({ assignment, kind: "draft", body });
  }

  /** Keep an answer, and send it. Drafts of the same note need not be sent any more. */
  submit(assignment, body) {
    this.#drop(assignment, "draft");
    this.#add({ assignment, kind: "submit", body: { ...body, pressed: Date.now() } });
  }

  /** Forget something that was refused; or send it with another body. */
  forget(item) {
    this.#items = this.#items.filter((other) => other !== item);
    this.#unkeep(item);
    this.on.changed();
  }

  again(item, body) {
    item.body = body;
    item.refused = null;
    this.#keep(item);
    this.now();
  }

  /** What is ticked in a note is not to be sent after all. */
  withdraw(assignment) {
    const drafts = this.#items.filter((item) => item.assignment === assignment && !item.sending);
    for (const item of drafts) if (item.kind === "draft") this.forget(item);
    const { draft, ...entry } = kept(this.user, assignment);
    keep(this.user, assignment, entry);
  }

  /** Try at once. Resolves when nothing more can be sent for now. */
  now() {
    clearTimeout(this.#timer);
    return this.run();
  }

  /** Nothing is kept or sent any more: the user has logged out. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#items = [];
  }

  run() {
    this.#running ??= this.#work();
    return this.#running;
  }

  #add(item) {
    if (this.#closed) return;
    this.#items.push(item);
    this.#keep(item);
    this.on.changed();
    // Where the server is away the next try comes by itself.
    if (this.state === "up") this.run();
  }

  #drop(assignment, kind) {
    const superseded = (item) => item.assignment === assignment && item.kind === kind;
    this.#items = this.#items.filter((item) => item.sending || !superseded(item));
  }

  async #work() {
    await null; // `run` knows of it before it ends
    let goesOn = true;
    while (goesOn && !this.#closed && this.waiting.length > 0) {
      goesOn = await this.#sendOne(this.waiting[0]);
    }
    this.#running = null;
    if (!this.#closed) this.on.changed();
  }

  /** Whether the server answered, so that the next one can go. */
  async #sendOne(item) {
    const { pressed, ...body } = item.body;
    item.sending = true;
    const reply = await this.send("POST", this.address(item.assignment, item.kind), body);
    item.sending = false;
    if (this.#closed) return false;
    const became = outcome(reply);
    if (became === "down" || became === "ended") {
      this.#wait(became);
      return false;
    }
    this.#tries = 0;
    this.#enter("up");
    this.#done(item, became, reply.data);
    return true;
  }

  #done(item, became, data) {
    if (became === "arrived") {
      this.#items = this.#items.filter((other) => other !== item);
      this.#unkeep(item);
      this.on.arrived(item, data);
    } else if (became === "older" && item.earlier) {
      this.forget(item); // its own tab has sent something newer
    } else {
      item.refused = became;
      this.on.refused(item, became, data ?? {});
    }
  }

  /** The server is away: the coder's words are kept with the codes now, and it is tried again. */
  #wait(state) {
    this.#enter(state);
    for (const item of this.#items) this.#keep(item);
    const delay = DELAYS[Math.min(this.#tries, DELAYS.length - 1)] * 1000;
    this.#tries += 1;
    this.nextTry = Date.now() + delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.run(), delay);
  }

  #enter(state) {
    this.state = state;
    if (state === "up") this.nextTry = null;
  }

  #keep({ assignment, kind, body }) {
    const entry = kept(this.user, assignment);
    if (kind === "submit") delete entry.draft;
    delete entry.seconds; // they are in the body
    entry[kind] = { ...body };
    if (this.state === "up") delete entry[kind].unlisted;
    this.isKept = keep(this.user, assignment, entry);
  }

  #unkeep({ assignment, kind, body }) {
    unkeep(this.user, assignment, kind, body);
  }
}
