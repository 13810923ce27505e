// What was found, best first, each row saying why.
import { $, attributes, make } from "./dom.js";
import { LINE, Rows, linesOf, widthOf } from "./rows.js";

const NARROW = matchMedia("(max-width: 1200px)"); // the reason stands below the title
const REASON = 230; // px
const PADDING = 13; // px

/**
 * Rows: {code, title, marks, why, mine, tag, act}. `mine`: it is among the coder's codes; `tag`:
 * words beside the title, such as "not in this study"; `act`: a row that is no code but does
 * something, such as searching elsewhere.
 */
export class Results {
  /** `on.choose(row)`: another row is in hand; `on.add(row)`: it was clicked. */
  constructor(on) {
    this.on = on;
    this.list = $("results");
    // The cursor stays in the search box.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.rows = new Rows(this.list, {
      height: heightOf,
      element: elementOf,
      changed: (id) => attributes($("search"), { "aria-activedescendant": id }),
      clicked: (row) => on.add(row),
    });
  }

  get length() {
    return this.rows.length;
  }

  /** The row in hand, or null. */
  get row() {
    return this.rows.row;
  }

  show(rows) {
    this.list.hidden = rows.length === 0;
    attributes($("search"), { "aria-expanded": String(rows.length > 0) });
    this.rows.show(rows);
    if (this.row) this.on.choose(this.row);
  }

  /** Draw again: some row's tick has changed. */
  refresh(isMine) {
    for (const row of this.rows.all) row.mine = isMine(row.code);
    this.rows.lay();
  }

  step(direction) {
    this.rows.step(direction);
    this.on.choose(this.row);
  }
}

/** The columns are those of desk.css. */
function heightOf(row, width) {
  const narrow = NARROW.matches;
  const beside = narrow ? 0 : Math.min(REASON, widthOf(row.why ?? "", 12.5));
  const words = row.tag ? `${row.title} ${row.tag} xx` : row.title;
  const title = linesOf(words, 14, width - 126 - beside);
  const room = narrow ? width - 126 : REASON;
  const reason = row.why ? Math.min(2, linesOf(row.why, 12.5, room)) : 0;
  const lines = narrow ? title + reason : Math.max(title, reason);
  return lines * LINE + PADDING;
}

function elementOf(row) {
  const sign = make("span", { className: "sign" });
  if (row.mine) {
    const words = make("span", { className: "out-of-sight", textContent: "among my codes" });
    sign.append("✓", words);
  }
  const made = make(
    "li",
    { className: row.act ? "act" : "", title: row.why ? `${row.title} (${row.why})` : row.title },
    sign,
    make("span", { className: "code", textContent: row.code }),
    titleOf(row),
    make("span", { className: "why", textContent: row.why ?? "" }),
  );
  if (row.code) made.dataset.code = row.code;
  return made;
}

/** A title whose letters that were asked for stand out. */
function titleOf({ title, marks = [], tag }) {
  const line = make("span", { className: "title" });
  let at = 0;
  for (const [from, to] of marks) {
    line.append(title.slice(at, from), make("b", { textContent: title.slice(from, to) }));
    at = to;
  }
  line.append(title.slice(at));
  if (tag) line.append(" ", make("span", { className: "tag", textContent: tag }));
  return line;
}
