// One note on the screen: what is ticked, what of it the server has, and sending it the rest.
import { codesIn, inWords, regionOf, sameCodes } from "./answer.js";
import { Clock } from "./clock.js";
import { question } from "./dialog.js";
import { settled } from "./editor.js";
import { forget, forgetSeconds, keep, keepSeconds, kept, keptSeconds } from "./kept.js";
import { refused, sendDraft, signedIn, worked } from "./server.js";

const PAUSE = 300; // ms between a tick and its draft
const AGAIN = 10_000; // ms until a draft that failed is tried again
const MOST_STATES = 20;

export const ENDED = "Your session has ended. Your ticks are kept on this computer.";
const STORED = "Your ticks are kept on this computer.";
const NOT_STORED = "This browser keeps nothing: do not leave this page.";

export class Note {
  /**
   * `known` is what the server said of the note: {drafts, annotations}. `changed` is called when
   * there is something new to show. `clock` has counted this note in this page before.
   */
  constructor(user, editor, known, changed, clock) {
    this.user = user;
    this.editor = editor;
    this.changed = changed;
    this.active = true;
    this.session = true;
    const draft = known?.drafts.find((each) => each.id === editor.draft);
    const annotation = known?.annotations.find((each) => each.id === editor.annotation);
    this.version = annotation?.updated_at ?? null;
    this.draft = editor.draft;
    this.leadTime = Number(draft?.lead_time ?? 0);
    this.clock = clock ?? new Clock(Math.max(editor.secondsBefore, keptSeconds(user, this.task)));
    this.open = !annotation || Boolean(draft); // whether there is something to submit
    if (document.hidden) this.clock.hide();
    this.codes = editor.codes;
    this.words = editor.words;
    this.server = { codes: this.codes, words: this.words };
    this.after = [this.codes];
    this.state = firstState(draft, annotation);
    this.restore();
  }

  get task() {
    return this.editor.task;
  }

  get unsent() {
    return !sameCodes(this.codes, this.server.codes) || this.words !== this.server.words;
  }

  /**
   * Tick again what this browser has kept. Where the server has other ticks meanwhile, the coder
   * says which count.
   */
  restore() {
    const entry = kept(this.user, this.task);
    if (!entry || sameCodes(entry.codes, this.codes)) return forget(this.user, this.task);
    const mine = () => {
      this.editor.setCodes(entry.codes);
      this.look();
    };
    if (entry.after.some((codes) => sameCodes(codes, this.codes))) return setTimeout(mine);
    return question(
      [
        "This computer has kept ticks of this note that were not sent, " +
          "and the note was changed elsewhere since.",
        `Kept here: ${inWords(entry.codes)}`,
        `Saved: ${inWords(this.codes)}`,
      ],
      [
        ["Take those kept here", mine],
        ["Take those saved", () => forget(this.user, this.task)],
      ],
    );
  }

  /** Look whether something was ticked or written; called often. */
  look() {
    if (!this.active) return;
    const codes = settled(this.codes, this.editor.codes);
    if (!sameCodes(codes, this.editor.codes)) this.editor.setCodes(codes);
    const words = this.editor.words;
    if (sameCodes(codes, this.codes) && words === this.words) return;
    this.codes = codes;
    this.words = words;
    this.open = true;
    this.editor.stopAutosave();
    this.store();
    if (this.unsent) this.state = { words: "saving …" };
    this.later(PAUSE);
    this.changed();
  }

  /** Keep in the browser what the server lacks, and nothing else. */
  store() {
    if (sameCodes(this.codes, this.server.codes)) {
      this.stored = true;
      return forget(this.user, this.task);
    }
    this.stored = keep(this.user, this.task, {
      codes: this.codes,
      region: regionOf(this.editor.result()) ?? null,
      annotation: this.editor.annotation,
      after: this.after.slice(-MOST_STATES),
    });
    return undefined;
  }

  /** Keep the seconds worked in the browser, until the answer is submitted. */
  storeSeconds() {
    if (this.active && this.open && this.editor.takesTime) {
      keepSeconds(this.user, this.task, this.clock.seconds);
    }
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  /** Send what is unsent, one request at a time. Resolves when nothing is on its way. */
  save() {
    clearTimeout(this.timer);
    if (this.sending) return this.sending;
    if (!this.active || !this.unsent) return Promise.resolve();
    this.sending = this.send().finally(() => {
      this.sending = null;
      this.changed();
    });
    return this.sending;
  }

  async send() {
    const sent = { codes: this.codes, words: this.words };
    this.after.push(sent.codes); // it may arrive although no answer comes back
    this.store();
    const reply = await sendDraft({
      task: this.task,
      annotation: this.editor.annotation,
      draft: this.draft,
      body: this.editor.draftBody(this.leadTime, this.clock.seconds),
    });
    if (!this.active) return;
    if (worked(reply)) this.arrived(sent, reply.data);
    else await this.failed(reply);
  }

  arrived(sent, draft) {
    this.draft = draft.id;
    this.editor.draft = draft.id;
    this.server = sent;
    this.after = [sent.codes];
    this.session = true;
    this.store();
    this.state = { words: `saved ${hour(new Date())}`, good: true };
    if (this.unsent) this.later(0);
  }

  async failed(reply) {
    this.session = !refused(reply) || (await signedIn());
    this.state = { words: `Not saved: ${this.reason(reply)}`, bad: true };
    if (this.session) this.later(AGAIN);
  }

  reason(reply) {
    const copy = this.stored ? STORED : NOT_STORED;
    if (!this.session) return this.stored ? ENDED : `your session has ended. ${NOT_STORED}`;
    if (reply.status === 0 || reply.status >= 500) return `Label Studio does not answer. ${copy}`;
    return `${reply.data?.detail ?? `Label Studio said ${reply.status}.`} ${copy}`;
  }

  /** Before an answer is sent: no draft may arrive after it. */
  async settle() {
    clearTimeout(this.timer);
    await this.sending;
    clearTimeout(this.timer);
  }

  /** The answer has arrived: nothing of it need be kept. */
  submitted(annotation) {
    const codes = codesIn(annotation.result);
    this.version = annotation.updated_at;
    this.draft = null;
    this.server = { codes, words: this.words };
    this.codes = codes;
    this.open = false;
    forget(this.user, this.task);
    forgetSeconds(this.user, this.task);
    this.state = { words: `submitted ${hour(new Date())}`, good: true };
    this.changed();
  }

  /** The answer has not arrived; Label Studio forgot its draft, and this page did not. */
  async notSubmitted(reply) {
    this.session = !refused(reply) || (await signedIn());
    if (this.draft) this.editor.draft = this.draft;
    this.store();
    this.state = { words: `Not submitted: ${this.reason(reply)}`, bad: true };
    this.changed();
  }

  /** The session is over, as was found by asking. */
  ended() {
    this.store();
    const words = this.unsent ? `Not saved: ${this.reason({})}` : "Your session has ended.";
    this.state = { words, bad: true };
    this.changed();
  }

  /** Another tab goes on with this note, or somebody logged out. */
  async stop() {
    this.look();
    this.storeSeconds();
    await this.save();
    this.active = false;
    clearTimeout(this.timer);
  }
}

function firstState(draft, annotation) {
  if (draft) return { words: `saved ${hour(new Date(draft.updated_at))}`, good: true };
  if (annotation) {
    return { words: `submitted ${hour(new Date(annotation.updated_at))}`, good: true };
  }
  return { words: "nothing to save" };
}

function hour(date) {
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}
