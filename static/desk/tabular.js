// The tabular list at the code in hand: chapter, category, its siblings and their last digit. It
// can be walked from the chapters downward.
import { $, attributes, make, write } from "./dom.js";
import { Rows, linesOf } from "./rows.js";
import { undotted } from "./search/codes.js";

const LINE = 18; // px
const PADDING = 9; // px
const ORDINALS = ["", "", "", "third", "fourth", "fifth"];
const NOT_HERE = "not in this study";

export class Tabular {
  #path = []; // {code, title} from the chapter down to what the rows are below
  #code = ""; // the code that the list was opened at

  /** `on.add(code)`, `on.writeDown(row)`: Enter or a click on a code, listed or not. */
  constructor(codes, isMine, on) {
    this.codes = codes;
    this.isMine = isMine;
    this.on = on;
    this.list = $("tabular");
    this.rows = new Rows(this.list, {
      height: (row, width) => this.#heightOf(row, width),
      element: (row) => this.#element(row),
      changed: (id) => attributes(this.list, { "aria-activedescendant": id }),
      clicked: (row) => this.#clicked(row),
    });
    $("path").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.back(Number(button.value));
    });
  }

  /** Show where a code stands; "" for the chapters. */
  show(code) {
    if (code === this.#code && this.rows.length) return;
    const place = this.codes.place(code);
    if (!place) return;
    this.#code = code;
    if (code === "") this.#level([], place.children, "");
    else this.#level(place.path, place.siblings, code);
  }

  focus() {
    this.list.focus();
  }

  step(direction) {
    this.rows.step(direction);
  }

  /** What is below the row in hand. */
  open() {
    const { row } = this.rows;
    const below = row ? this.codes.place(row.code)?.children : [];
    if (!below?.length) return;
    this.#level([...this.#path, row], below, "");
  }

  /** What is above; `level` counts from the chapters, 0. */
  back(level = this.#path.length - 1) {
    const above = this.#path[level];
    if (!above) return;
    const path = this.#path.slice(0, level);
    const place = this.codes.place(path.at(-1)?.code ?? "");
    this.#level(path, place.children, above.code);
  }

  /** Take the code in hand; what is no code is opened. */
  add() {
    const { row } = this.rows;
    if (row) this.#take(row);
  }

  refresh() {
    this.rows.lay();
  }

  #clicked(row) {
    this.list.focus();
    this.#take(row);
  }

  #take(row) {
    if (row.listed) this.on.add(row.code);
    else if (row.below) this.open();
    else this.on.writeDown(row);
  }

  #level(path, rows, code) {
    this.#path = path;
    const shown = rows.map((row) => ({
      ...row,
      below: row.below ?? this.codes.place(row.code).children.length > 0,
      inHand: row.code === this.#code && code !== "",
    }));
    const at = shown.findIndex((row) => row.code === code);
    $("path").replaceChildren(...path.map(pathItem));
    write($("tabular-at"), this.#code ? `at ${this.#code}` : "");
    write($("level-title"), titleOf(path.at(-1)));
    this.rows.show(shown, Math.max(0, at));
  }

  #heightOf(row, width) {
    const words = `${row.title} ${this.#stateOf(row).replaceAll(" ", "\u00a0")}`;
    return linesOf(words, 13, width - 94) * LINE + PADDING;
  }

  #element(row) {
    const parent = this.#path.at(-1)?.code ?? "";
    const number = make("span", { className: "code" });
    if (parent && row.code.startsWith(parent) && row.code.length > parent.length) {
      const digits = undotted(row.code.slice(parent.length));
      const before = row.code.slice(0, row.code.length - digits.length);
      number.append(before, make("span", { className: "digit", textContent: digits }));
    } else {
      number.append(row.label ?? row.code);
    }
    const state = make("span", { className: "state", textContent: this.#stateOf(row) });
    const made = make(
      "li",
      { title: row.title },
      number,
      make("span", { className: "title" }, row.title, " ", state),
    );
    made.dataset.code = row.code;
    if (!row.listed && !row.below) made.classList.add("absent");
    return made;
  }

  #stateOf(row) {
    if (row.listed && this.isMine(row.code)) return "✓ mine";
    if (row.inHand) return "in hand";
    if (row.below) return "›";
    return row.listed ? "" : NOT_HERE;
  }
}

function pathItem({ code, title, label }, level) {
  const button = make(
    "button",
    { type: "button", value: level, className: "link", title },
    make("span", { className: "code", textContent: label ?? code }),
    " ",
    title,
  );
  return make("li", {}, button);
}

/** What the rows of a level are: "428.2 needs a fifth digit". */
function titleOf(parent) {
  if (!parent) return "Chapters";
  const characters = undotted(parent.code).replace(/^E/, "");
  const ordinal = /^[VE]?\d+(\.\d*)?$/.test(parent.code) && ORDINALS[characters.length + 1];
  return ordinal ? `${parent.code} needs a ${ordinal} digit` : parent.title;
}
