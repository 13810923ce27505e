// The tray: my codes in the order of ticking, by diagnoses and procedures, each removable.
import { $, make, write } from "./dom.js";

const KINDS = ["dx", "proc"];

export class Tray {
  #rows = new Map(); // code -> its row

  /** `on.remove(code)`; `on.inHand(code)`: the cursor is there; `on.leave()`: back to the box. */
  constructor(codes, on) {
    this.codes = codes;
    this.on = on;
    this.list = $("tray-list");
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (event.target.closest("button")) on.remove(row.dataset.code);
      else if (row) this.#hold(row);
    });
    this.list.addEventListener("focusin", (event) => {
      const row = event.target.closest("li");
      if (row) on.inHand(row.dataset.code);
    });
  }

  /** Show an answer; `fresh` is the code that has just come. */
  show(answer, fresh = null) {
    for (const [code, row] of this.#rows) {
      if (answer.has(code)) continue;
      row.remove();
      this.#rows.delete(code);
    }
    for (const kind of KINDS) this.#place(kind, answer.codes);
    for (const [code, row] of this.#rows) row.classList.toggle("fresh", code === fresh);
    if (fresh) this.#rows.get(fresh)?.scrollIntoView({ block: "nearest" });
    this.#count(answer);
    this.#oneTabStop();
  }

  /** From the search box into the tray; false where it is empty. */
  enter() {
    const [first] = this.#buttons();
    first?.focus();
    return Boolean(first);
  }

  step(direction) {
    const buttons = this.#buttons();
    const next = buttons[buttons.indexOf(document.activeElement) + direction];
    if (next) next.focus();
    else if (direction < 0) this.on.leave();
  }

  /** Remove the code that the cursor is on; the cursor goes to the one after it. */
  removeHere() {
    const here = document.activeElement.closest("li");
    if (!here) return;
    const at = this.#buttons().indexOf(here.querySelector("button"));
    this.on.remove(here.dataset.code);
    const left = this.#buttons();
    if (left.length) left[Math.min(at, left.length - 1)].focus();
    else this.on.leave();
  }

  /** Titles are known only when the study's codes are loaded. */
  retitle() {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
  }

  /** The rows of a kind, in the order of ticking: undo may bring one back in the middle. */
  #place(kind, codes) {
    const group = $(`my-${kind}`);
    const rows = codes.map((code) => this.#row(code)).filter((row) => row.dataset.kind === kind);
    rows.forEach((row, at) => {
      if (group.children[at] !== row) group.insertBefore(row, group.children[at] ?? null);
    });
  }

  #row(code) {
    if (!this.#rows.has(code)) this.#rows.set(code, this.#made(code));
    return this.#rows.get(code);
  }

  #made(code) {
    const known = this.codes.get(code);
    const cross = make("button", { type: "button", textContent: "×", tabIndex: -1 });
    cross.setAttribute("aria-label", `Remove ${code} ${known?.title ?? ""}`.trim());
    const row = make(
      "li",
      {},
      make("span", { className: "code", textContent: code }),
      make("span", { textContent: known?.title ?? "", title: known?.title ?? "" }),
      cross,
    );
    row.dataset.code = code;
    row.dataset.kind = known?.kind ?? kindByShape(code);
    return row;
  }

  #buttons() {
    return [...this.list.querySelectorAll("li button")];
  }

  #hold(row) {
    row.querySelector("button").focus();
  }

  #oneTabStop() {
    const buttons = this.#buttons();
    const here = buttons.includes(document.activeElement) ? document.activeElement : buttons[0];
    for (const button of buttons) button.tabIndex = button === here ? 0 : -1;
  }

  #count(answer) {
    const many = answer.codes.length;
    write($("count"), String(many));
    write($("pane-count"), String(many));
    for (const kind of KINDS) {
      const some = $(`my-${kind}`).children.length;
      write($(`count-${kind}`), String(some));
      $(`group-${kind}`).hidden = some === 0;
    }
    $("none").disabled = many > 0;
    $("none").checked = answer.noneApplies;
    write($("none-why"), many ? `remove ${many} first` : "");
    $("tray-empty").hidden = many > 0;
  }
}

/** Until titles are known: in ICD-9-CM procedures have two digits before the dot. */
function kindByShape(code) {
  return /^\d\d(\.|$)/.test(code) ? "proc" : "dx";
}
