// The study's codes: loaded once, searched here in the browser, walked from the chapters downward.
import { makeIndex, search, tabular } from "./search.js";
import { ask, outcome } from "./server.js";
import { asQuery } from "./words.js";

const MOST = 200;
const CHAPTER = "chapter ";

export class Codes {
  #data = null; // the file of the list
  #listed = new Map(); // code -> {code, kind, title}
  #index = null; // for searching; made when the page has been shown, or at the first key
  #chapters = []; // {code, kind, first, title, label, listed, below}
  #inside = null; // made when a chapter is opened

  /** Resolves when codes can be searched; rejects where they could not be loaded. */
  async load(address) {
    const reply = await ask("GET", address);
    if (outcome(reply) !== "arrived") throw new Error(outcome(reply));
    this.#data = reply.data;
    for (const [code, kind, title] of reply.data.codes) {
      this.#listed.set(code, { code, kind, title });
    }
    this.#chapters = chaptersOf(reply.data.chapters);
    requestAnimationFrame(() => setTimeout(() => this.#indexed()));
  }

  get loaded() {
    return this.#data !== null;
  }

  /** {code, title, kind, why, marks} of each code found, best first. */
  find(query) {
    return this.loaded ? search(this.#indexed(), query, MOST) : [];
  }

  /** {code, title, kind} of a listed code; null for another. */
  get(code) {
    return this.#listed.get(code) ?? null;
  }

  /**
   * Where a code stands: {path, siblings, children}, rows {code, title, label, listed}. The path
   * begins with the chapter. "" stands for what is above the chapters. Null for an unknown code.
   */
  place(code) {
    if (!this.loaded) return null;
    if (code === "") return { path: [], siblings: [], children: this.#chapters };
    const chapter = this.#chapters.find((each) => each.code === code);
    if (chapter) return { path: [], siblings: this.#chapters, children: this.#categories(chapter) };
    const found = tabular(this.#indexed(), code);
    if (!found) return null;
    const above = this.#chapterOf(code, found.chapter);
    const top = found.path.length === 0;
    const siblings = top ? this.#categories(above) : found.siblings;
    return { path: [above, ...found.path], siblings, children: found.children };
  }

  /** The same search on the server, over the whole code system. Null where it does not answer. */
  async findEverywhere(query) {
    const reply = await ask("POST", "/codes/search/", { query: asQuery(query) });
    return outcome(reply) === "arrived" ? reply.data.codes : null;
  }

  #indexed() {
    this.#index ??= makeIndex(this.#data);
    return this.#index;
  }

  #chapterOf(code, title) {
    const { kinds } = this.#index.above;
    const kind = kinds.get(code);
    return this.#chapters.find((each) => each.kind === kind && each.title === title);
  }

  /** The categories of a chapter that have a code of the study, or are beside one. */
  #categories(chapter) {
    this.#inside ??= this.#sorted();
    return this.#inside.get(chapter) ?? [];
  }

  /** Chapter -> the rows of its categories, in order. */
  #sorted() {
    tabular(this.#indexed(), ""); // makes `above`
    const { titles, kinds } = this.#index.above;
    const inside = new Map();
    const tops = [...titles.keys()].filter((code) => !code.includes("."));
    for (const code of tops.sort()) {
      const chapter = this.#chapters.findLast(
        ({ kind, first }) => kind === kinds.get(code) && first <= code,
      );
      if (!inside.has(chapter)) inside.set(chapter, []);
      inside.get(chapter).push({ code, title: titles.get(code), listed: this.get(code) !== null });
    }
    return inside;
  }
}

function chaptersOf(data) {
  return Object.entries(data).flatMap(([kind, chapters]) =>
    chapters.map(([first, title], at) => ({
      code: `${CHAPTER}${kind} ${first}`,
      kind,
      first,
      title,
      label: rangeOf(first, chapters[at + 1]?.[0]),
      listed: false,
      below: true,
    })),
  );
}

/** The categories of a chapter: 390–459. `next` is the first one of the next chapter. */
function rangeOf(first, next) {
  if (!/^\d/.test(first)) return first;
  const digits = first.length;
  const last = /^\d/.test(next ?? "") ? Number(next) - 1 : 10 ** digits - 1;
  const end = String(last).padStart(digits, "0");
  return end === first ? first : `${first}–${end}`;
}
