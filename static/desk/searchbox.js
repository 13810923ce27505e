// The search box: what is typed is looked for at each key, and the rows are shown in their place.
import { $, counted, write } from "./dom.js";
import { Results } from "./results.js";

const AWAY = "The server does not answer: only this study’s codes can be searched now.";
const NOT_HERE = "not in this study";
const SOME_WORDS = /^\d+ of \d+ words$/; // the reason of a row that lacks some of the words

export class SearchBox {
  #everywhere = null; // {query, codes} of the last search in the whole code system

  /**
   * `on.add(code)`, `on.writeDown(row)`: a code outside the list; `on.inHand(code)`: the code in
   * hand, "" for none. `isMine(code)` says whether a code is ticked.
   */
  constructor(codes, isMine, on) {
    this.codes = codes;
    this.isMine = isMine;
    this.on = on;
    this.box = $("search");
    this.results = new Results({
      choose: (row) => on.inHand(row.tag ? "" : (row.code ?? "")),
      add: (row) => this.add(row, true),
    });
    this.box.addEventListener("input", () => this.look());
    $("write-down").addEventListener("click", () => on.writeDown({ words: this.query }));
    $("search-everywhere").addEventListener("click", () => this.searchEverywhere());
  }

  get query() {
    return this.box.value.trim();
  }

  get isEmpty() {
    return this.box.value === "";
  }

  get hasRows() {
    return this.results.length > 0;
  }

  focus() {
    this.box.focus();
  }

  /** Back to the box: the next key takes the place of what is in it. */
  comeBack() {
    this.box.focus();
    this.box.select();
  }

  /** Look for other words, as if they had been typed. */
  ask(words) {
    this.box.value = words;
    this.look();
    this.focus();
  }

  empty() {
    this.box.value = "";
    this.look();
  }

  /** Show what is found for the words in the box. */
  look() {
    const { query } = this;
    if (this.#everywhere?.query !== query) this.#everywhere = null;
    const rows = query ? this.#rows(query) : [];
    const codes = rows.filter((row) => !row.act);
    const found = codes.length;
    this.results.show(rows);
    $("result-bar").hidden = !query || found === 0;
    write($("result-count"), found ? inWords(codes) : "");
    $("resting").hidden = query !== "";
    $("nothing").hidden = query === "" || found > 0;
    $("nothing-word").textContent = query;
    this.#sayWhere(query, found);
    if (!this.hasRows) this.on.inHand("");
  }

  refresh() {
    this.results.refresh(this.isMine);
  }

  step(direction) {
    this.results.step(direction);
  }

  /** Take the row in hand. */
  add(row = this.results.row, keep = false) {
    if (!row) return;
    if (row.act) {
      row.act();
      return;
    }
    if (row.tag) this.on.writeDown(row);
    else this.on.add(row.code);
    if (keep) this.refresh();
    else this.empty();
  }

  async searchEverywhere() {
    const { query } = this;
    if (!query) return;
    write($("everywhere-state"), "Searching the whole code system …");
    const codes = await this.codes.findEverywhere(query);
    if (query !== this.query) return;
    this.#everywhere = { query, codes };
    this.look();
    this.focus();
  }

  #rows(query) {
    const listed = this.codes.find(query).map((row) => this.#row(row));
    if (!this.#everywhere) return [...listed, ...this.#offer(listed.length)];
    // One order: that of the whole system, then what else the study's list has.
    const everywhere = (this.#everywhere.codes ?? []).map((row) => this.#row(row));
    const there = new Set(everywhere.map(({ code }) => code));
    return [...everywhere, ...listed.filter(({ code }) => !there.has(code))];
  }

  #row(row) {
    const tag = this.codes.get(row.code) ? "" : NOT_HERE;
    return { ...row, marks: row.marks ?? [], mine: this.isMine(row.code), tag };
  }

  /** The last row leads on to the whole code system. Where nothing is found, a button does. */
  #offer(found) {
    if (!found) return [];
    const title = "Search the whole code system for this";
    return [{ title, code: "", why: "", act: () => this.searchEverywhere() }];
  }

  #sayWhere(query, found) {
    const asked = this.#everywhere;
    let words = "";
    if (!this.codes.loaded && query) words = "The codes are being loaded …";
    else if (asked && !asked.codes) words = AWAY;
    else if (asked && !found) words = "Nor has the whole code system.";
    write($("everywhere-state"), words);
    $("search-everywhere").hidden = Boolean(asked);
  }
}

/** How many there are; where none has all the words, that comes first. */
function inWords(rows) {
  const many = counted(rows.length, "code");
  if (rows.every(({ why }) => SOME_WORDS.test(why))) return `No code has all the words; ${many} with some`;
  return `${many}, best first`;
}
