// One note that is being coded: its answer, and what of it is on its way to the server.
import { Answer, inWords, sameState } from "./answer.js";
import { question } from "./dialogs.js";
import { keep, kept } from "./kept.js";
import { uniqueName } from "./server.js";
import { startOf } from "./start.js";

const LEAP = 1000; // a tab that has lost count of its drafts goes on well above

export class Coding {
  #sent = null; // the state that the server was sent last

  /** `data`: the server's answer for this note. `on.changed(fresh)`: there is something to show. */
  constructor(data, { user, tabs, outbox, time, on }) {
    Object.assign(this, { data, user, tabs, outbox, time, on });
    this.assignment = data.assignment;
    this.stopped = ""; // why nothing more can be ticked; "" while it can
    const entry = data.practice ? {} : kept(user, this.assignment);
    this.start = startOf(data, entry);
    this.answer = new Answer(this.start.state);
    this.seconds = Math.max(this.start.seconds, entry.seconds ?? 0);
    this.after = this.start.after;
    this.basedOn = this.start.basedOn;
    this.sequence = this.start.sequence;
  }

  /** The clock of this note goes: send what was kept, or ask where it was changed elsewhere. */
  begin() {
    if (this.start.other) this.#ask(this.start.other, "saved or submitted elsewhere");
    else if (this.start.unsent) this.save();
    else this.outbox.withdraw(this.assignment); // the server has what was kept
  }

  get isMine() {
    return this.tabs.holds && !this.stopped;
  }

  /** Whether the coder has changed anything since the note came on the screen. */
  get isTouched() {
    return this.#sent !== null;
  }

  /** Change the answer by `change(answer)`, which says whether it did anything. */
  change(change, fresh = null) {
    if (!this.isMine) return false;
    const done = change(this.answer);
    if (done === false || done === null) return done;
    this.save();
    this.on.changed(fresh);
    return done;
  }

  /** Keep what is ticked here, and send it. */
  save() {
    this.sequence += 1;
    this.#sent = this.answer.state;
    this.outbox.draft(this.assignment, { ...this.body, sequence: this.sequence });
  }

  /** Time is kept when the coder looks away: with the draft where there is one. */
  saveTime() {
    if (!this.isMine) return;
    if (this.isTouched) this.save();
    else keep(this.user, this.assignment, { seconds: this.time.seconds });
  }

  /** Hand the answer in. */
  submit() {
    this.outbox.submit(this.assignment, { ...this.body, key: uniqueName() });
    this.stopped = "submitted";
  }

  get body() {
    return {
      ...this.answer.state,
      tab: this.tabs.name,
      after: this.after,
      based_on: this.basedOn,
      active_seconds: this.time.seconds,
    };
  }

  /** The server has stored a draft of this note. */
  arrived(body) {
    this.after = `${body.tab}:${body.sequence}`;
  }

  /** The server did not take a draft of this note. */
  refused(item, reason, data) {
    if (reason === "older") {
      this.outbox.forget(item);
      this.sequence += LEAP;
      this.save();
    } else if (reason === "other-tab") {
      this.tabs.holds = false;
      this.on.elsewhere();
    } else if (reason === "changed") {
      this.data = { ...this.data, ...data };
      this.#goOnFrom(data);
      this.#ask(data.submitted ?? data.draft ?? {}, "submitted elsewhere");
    } else {
      this.stopped = reason;
      this.on.stopped(data.detail ?? "The server did not take this.");
    }
  }

  /** This tab takes the note over; `data` is what the server holds now. */
  takeOver(data) {
    const mine = this.answer.state;
    const isUnsent = this.outbox.hasDraft(this.assignment);
    this.data = data;
    this.tabs.holds = true;
    const server = data.draft ?? data.submitted ?? {};
    this.#goOnFrom(data);
    if (isUnsent && !sameState(mine, server)) this.#ask(server, "saved in the other tab");
    else this.#adopt(server);
  }

  #goOnFrom(data) {
    this.after = data.draft?.version ?? "";
    this.basedOn = data.based_on;
  }

  /** Two sets of codes: the coder says which one counts. */
  #ask(server, where) {
    const noteId = this.data.note_id;
    this.stopped = "asking";
    const settle = (take) => () => {
      this.stopped = "";
      take();
      this.on.changed();
    };
    question(
      [
        `Note ${noteId} was changed elsewhere. Which codes count?`,
        `Ticked here: ${inWords(this.answer.state)}`,
        `${where[0].toUpperCase()}${where.slice(1)}: ${inWords(server)}`,
      ],
      [
        ["Those ticked here", settle(() => this.save())],
        [`Those ${where}`, settle(() => this.#adopt(server, true))],
      ],
    );
  }

  /** Go on with what the server holds. A draft of ours that it holds as well says so too. */
  #adopt(server, draftToo = false) {
    this.outbox.withdraw(this.assignment);
    this.answer = new Answer(server);
    this.#sent = null;
    if (draftToo && this.data.draft && server !== this.data.draft) this.save();
    this.on.changed();
  }
}
