// The coding page: puts its parts together.
import { Coding } from "./coding.js";
import { Codes } from "./codes.js";
import { Commands } from "./commands.js";
import { nameKeys, showGuideline, showKeys } from "./dialogs.js";
import { $, write } from "./dom.js";
import { FindInNote } from "./find.js";
import { showHeadings, showProgress } from "./headings.js";
import { kept } from "./kept.js";
import { Moving, addressOf } from "./moving.js";
import { NotePane } from "./note.js";
import { Outbox } from "./outbox.js";
import { isNarrow, newNote, startPanes } from "./panes.js";
import { NO_OUTBOX } from "./practice.js";
import { Refusals } from "./refusals.js";
import { SearchBox } from "./searchbox.js";
import { ask, outcome } from "./server.js";
import { Status, announce } from "./status.js";
import { Tabs } from "./tabs.js";
import { Tabular } from "./tabular.js";
import { Timekeeper } from "./timekeeper.js";
import { Tray } from "./tray.js";
import { MarkedWords } from "./words.js";

const AGAIN = 3000; // ms until the codes are asked for again
const ELSEWHERE = "This note is open in another tab: nothing was changed";

class Desk {
  constructor(study, data) {
    this.study = study;
    this.status = new Status();
    this.codes = new Codes();
    this.time = new Timekeeper({
      event: (event, seconds) => this.#tellTime(event, seconds),
      pause: (paused) => announce(paused ? "Paused" : "Going on"),
    });
    this.tabs = new Tabs(study.user, {
      elsewhere: () => this.status.notice("elsewhere"),
      give: () => this.outbox.now(),
      left: () => this.#left(),
    });
    this.outbox = study.practice ? NO_OUTBOX : this.#outbox();
    this.moving = new Moving(this);
    this.#parts();
    this.commands = new Commands(this);
    this.#listen();
    this.show(data, false);
    this.#start();
  }

  #outbox() {
    const refusals = new Refusals(this);
    return new Outbox(this.study.user, addressOf, {
      arrived: (item, data) => this.#arrived(item, data),
      refused: (item, reason, data) => refusals.hear(item, reason, data),
      changed: () => this.#sending(),
    });
  }

  #parts() {
    const isMine = (code) => this.coding.answer.has(code);
    const on = {
      add: (code) => this.add(code),
      writeDown: (row) => this.writeDown(row),
      inHand: (code) => this.tabular.show(code),
      remove: (code) => this.change((answer) => answer.remove(code) && `Removed ${code}`),
      leave: () => this.search.comeBack(),
    };
    this.note = new NotePane(() => this.find?.again());
    this.find = new FindInNote(this.note);
    this.tabular = new Tabular(this.codes, isMine, on);
    this.search = new SearchBox(this.codes, isMine, on);
    this.tray = new Tray(this.codes, on);
    this.words = new MarkedWords((words) => this.commands.searchFor(words));
  }

  #listen() {
    const again = () => document.hidden || this.outbox.now();
    for (const event of ["online", "focus"]) window.addEventListener(event, again);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && !this.study.practice) this.coding.saveTime();
      else again();
    });
    $("search").addEventListener("input", () => this.time.resume());
    $("undo-button").addEventListener("click", () => this.undo());
    $("none").addEventListener("change", () => this.#setNone());
    $("needed").addEventListener("input", () => this.#writeNeeded());
    $("show-keys").addEventListener("click", showKeys);
    $("show-guideline").addEventListener("click", showGuideline);
    $("take-over").addEventListener("click", () => this.takeOver());
    for (const button of document.querySelectorAll("[data-again]")) {
      button.addEventListener("click", () => this.outbox.now());
    }
  }

  async #start() {
    startPanes();
    nameKeys();
    const { assignment } = this.coding;
    this.tabs.open(this.#nameForTabs());
    if (!isNarrow()) this.search.focus();
    this.#loadCodes();
    // An answer to this very note may be on its way still: the note is shown anew after it.
    const isSubmitting = !this.study.practice && Boolean(kept(this.study.user, assignment).submit);
    if (isSubmitting) this.coding.stopped = "submitted";
    await this.outbox.restore(assignment);
    if (isSubmitting) this.moving.open(assignment, false);
  }

  async #loadCodes() {
    try {
      await this.codes.load(this.study.codes_url);
    } catch {
      write($("everywhere-state"), "The codes could not be loaded yet; trying again …");
      setTimeout(() => this.#loadCodes(), AGAIN);
      return;
    }
    this.tray.retitle();
    this.draw();
    this.tabular.show("");
    this.search.look();
    document.body.dataset.ready = "";
  }

  /** Put a note on the screen. `push`: it gets an address of its own in the history. */
  show(data, push = true) {
    data.assignment ??= data.practice; // practice notes have a place in their set alone
    this.coding = new Coding(data, {
      user: this.study.user,
      tabs: this.tabs,
      outbox: this.outbox,
      time: this.time,
      on: {
        changed: (fresh) => this.draw(fresh),
        elsewhere: () => this.status.notice("elsewhere"),
        stopped: (words) => this.status.notice("refused", words),
      },
    });
    if (push) history.pushState(null, "", addressOf(data.assignment));
    showHeadings(data);
    this.note.show(data.text);
    this.find.clear();
    this.search.empty();
    this.time.start(this.coding.seconds);
    this.tell("");
    this.status.first(data, this.study.practice);
    this.#sending();
    this.draw();
    $("unlisted").open = this.coding.answer.unlisted !== "";
    this.moving.arrivedAt(data, !push);
    if (push) this.#announce(data);
    this.coding.begin();
  }

  /** What tabs call this note. Practice notes are numbered by themselves, study by study. */
  #nameForTabs() {
    const { assignment } = this.coding;
    return this.study.practice ? `practice ${this.study.study} ${assignment}` : assignment;
  }

  #announce(data) {
    newNote();
    this.tabs.open(this.#nameForTabs());
    if (!isNarrow()) this.search.focus();
    announce(`Note ${data.position} of ${data.total}, ${data.note_id}`);
  }

  /** Show the answer; `fresh` is the code that has just come. */
  draw(fresh = null) {
    const { answer } = this.coding;
    this.tray.show(answer, fresh);
    this.search.refresh();
    this.tabular.refresh();
    const box = $("needed");
    if (box.value.trim() !== answer.unlisted.trim()) box.value = answer.unlisted;
  }

  // Changes

  add(code) {
    if (this.coding.answer.has(code)) this.tell(`${code} is already among your codes`);
    else this.change((answer) => answer.add(code) && `Added ${code}`, code);
  }

  /** A needed code that is not listed: {code, title} of the code system, or the coder's {words}. */
  writeDown({ code, title, words }) {
    const line = words ?? `${code} ${title}`;
    const said = `Wrote down as needed but not listed: ${line}`;
    $("unlisted").open = true;
    this.change((answer) => answer.writeDown(line) && said);
    this.search.empty();
  }

  #writeNeeded() {
    this.change((answer) => {
      answer.write($("needed").value);
      return "";
    });
  }

  #setNone() {
    const { checked } = $("none");
    const said = checked ? "Ticked “No listed code applies”" : "Unticked “No listed code applies”";
    this.change((answer) => answer.setNone(checked) && said);
    this.draw();
  }

  /** Change the answer; `change` returns what to say, or false where it did nothing. */
  change(change, fresh = null) {
    if (!this.coding.isMine) {
      this.refuse();
      return;
    }
    this.time.resume();
    const said = this.coding.change(change, fresh);
    if (said) this.tell(said, true);
  }

  undo() {
    const undone = this.coding.change((answer) => answer.undo());
    this.tell(undone ? `Undone: ${undone}` : "Nothing to undo", true);
  }

  /** Nothing can be changed here now. */
  refuse() {
    this.tell(this.tabs.holds ? "Nothing can be changed here now" : ELSEWHERE);
    this.draw();
  }

  /** Say something below my codes; with a way to undo it where it is a change. */
  tell(words, isChange = false) {
    write($("undo-text"), words);
    $("undo").hidden = words === "";
    $("undo-offer").hidden = !isChange || !this.coding.answer.canUndo;
  }

  // What the server and other tabs say

  #arrived(item, data) {
    const isHere = item.assignment === this.coding.assignment;
    if (item.kind === "submit") {
      showProgress(data);
      this.moving.submitted(item, data);
    } else if (isHere) {
      this.coding.arrived(item.body);
      this.status.saved(data.saved_at);
    }
  }

  #sending() {
    if (this.study.practice) return;
    const { state, waiting, nextTry } = this.outbox;
    if (state !== "up") {
      this.status.kept(this.outbox.isKept);
      this.status.notice(state);
      if (this.outbox.isSubmitting()) this.moving.sayLast("kept on this computer, not sent");
    } else if (["down", "ended"].includes(this.status.kind)) {
      this.status.notice(null);
      announce("The server answers again");
      this.moving.back();
    }
    if (state === "up" && waiting.length) this.status.saving();
    if (state === "up" && !waiting.length) this.status.settle();
    this.status.nextTry(nextTry);
    if (this.moving.isWaiting) this.moving.sayWaiting();
  }

  #tellTime(event, seconds) {
    if (this.study.practice) return;
    ask("POST", addressOf(this.coding.assignment, "time"), { event, active_seconds: seconds });
  }

  #left() {
    this.outbox.close?.();
    this.coding.stopped = "left";
    this.status.loggedOut();
  }

  async takeOver() {
    await this.tabs.take();
    const reply = await this.moving.fetch(this.coding.assignment);
    if (outcome(reply) !== "arrived") {
      this.status.notice(outcome(reply) === "ended" ? "ended" : "down");
      return;
    }
    this.status.first(reply.data, false);
    this.coding.takeOver(reply.data);
    this.draw();
  }
}

function read(id) {
  return JSON.parse($(id).textContent);
}

const first = read("desk-note");
$("desk-note").remove(); // its text stands in the note alone
new Desk(read("desk-study"), first);
