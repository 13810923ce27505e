// A list of which, however long it is, only the rows in view exist. One row is in hand.
import { attributes, make } from "./dom.js";

const BEYOND = 3; // rows above and below those in view
const BOLD = 1.05; // letters that stand out are wider
export const LINE = 20; // px

export class Rows {
  #rows = [];
  #tops = [0];
  #chosen = 0;
  #shown = new Map(); // place -> element
  #spacer = make("li", { className: "spacer", role: "presentation" });

  /**
   * `list` has the role listbox. `as.height(row, width)` is how high a row is where the list is so
   * wide, `as.element(row)` what it looks like, an empty role; `as.changed(id)` is told the id of
   * the row in hand, null for none; `as.clicked(row)`.
   */
  constructor(list, as) {
    this.list = list;
    this.as = as;
    list.append(this.#spacer);
    list.addEventListener("scroll", () => this.#draw(), { passive: true });
    list.addEventListener("click", (event) => this.#clicked(event));
    new ResizeObserver(() => this.lay()).observe(list);
  }

  get length() {
    return this.#rows.length;
  }

  /** The row in hand, or null. */
  get row() {
    return this.#rows[this.#chosen] ?? null;
  }

  get all() {
    return this.#rows;
  }

  show(rows, chosen = 0) {
    this.#rows = rows;
    this.#chosen = chosen;
    this.list.scrollTop = 0;
    this.lay();
    if (chosen) this.choose(chosen);
  }

  step(direction) {
    this.choose(Math.max(0, Math.min(this.#rows.length - 1, this.#chosen + direction)));
  }

  choose(at) {
    this.#chosen = at;
    const top = this.#tops[at];
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    const under = this.#tops[at + 1] - this.list.clientHeight;
    if (under > this.list.scrollTop) this.list.scrollTop = under;
    this.#draw();
  }

  /** Where each row stands; the rows in view are made anew. */
  lay() {
    const width = this.list.clientWidth;
    this.#tops = [0];
    for (const row of this.#rows) this.#tops.push(this.#tops.at(-1) + this.as.height(row, width));
    this.#spacer.style.height = `${this.#tops.at(-1)}px`;
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
    this.#draw();
  }

  #clicked(event) {
    const element = event.target.closest("[role=option]");
    if (!element) return;
    this.choose(Number(element.dataset.at));
    this.as.clicked(this.row);
  }

  #draw() {
    const top = this.list.scrollTop;
    const from = Math.max(0, this.#rowAt(top) - BEYOND);
    const to = Math.min(this.#rows.length - 1, this.#rowAt(top + this.list.clientHeight) + BEYOND);
    for (const [at, element] of this.#shown) {
      if (at >= from && at <= to) continue;
      element.remove();
      this.#shown.delete(at);
    }
    for (let at = from; at <= to; at += 1) this.#place(at);
    const here = this.#shown.get(this.#chosen);
    this.as.changed(here ? here.id : null);
  }

  /** The row at so many px from the top. */
  #rowAt(px) {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle + 1] <= px) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #place(at) {
    if (!this.#shown.has(at)) {
      const later = [...this.#shown.keys()].filter((other) => other > at);
      const before = later.length ? this.#shown.get(Math.min(...later)) : this.#spacer;
      this.#shown.set(at, this.#made(at));
      this.list.insertBefore(this.#shown.get(at), before);
    }
    attributes(this.#shown.get(at), { "aria-selected": String(at === this.#chosen) });
  }

  #made(at) {
    const row = this.#rows[at];
    const made = this.as.element(row);
    made.id = `${this.list.id}-${at}`;
    made.style.top = `${this.#tops[at]}px`;
    made.style.height = `${this.#tops[at + 1] - this.#tops[at]}px`;
    made.dataset.at = at;
    attributes(made, {
      role: "option",
      "aria-setsize": this.#rows.length,
      "aria-posinset": at + 1,
    });
    return made;
  }
}

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map(); // "size word" -> px

/** How wide words are in letters of this size, in px. */
export function widthOf(words, size, family = getComputedStyle(document.body).fontFamily) {
  pen.font = `${size}px ${family}`;
  return pen.measureText(words).width;
}

/** How many lines words take in a column so wide: a word that does not fit begins a new one. */
export function linesOf(words, size, width) {
  let lines = 1;
  let left = width;
  for (const word of words.split(" ")) {
    const needed = known(word, size);
    if (needed > left && left < width) {
      lines += 1;
      left = width;
    }
    left -= needed;
  }
  return lines;
}

/** The width of a word and its blank, measured once. */
function known(word, size) {
  const key = `${size} ${word}`;
  if (!widths.has(key)) widths.set(key, widthOf(`${word} `, size) * BOLD);
  return widths.get(key);
}
