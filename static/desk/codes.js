// The study's codes: loaded once, searched here in the browser.
import { makeIndex, search, tabular } from "./search.js";
import { ask, outcome } from "./server.js";
import { asQuery } from "./words.js";

const MOST = 200;

export class Codes {
  #index = null;

  /** Resolves when codes can be searched; rejects where they could not be loaded. */
  async load(address) {
    const reply = await ask("GET", address);
    if (outcome(reply) !== "arrived") throw new Error(outcome(reply));
    this.#index = makeIndex(reply.data);
  }

  get loaded() {
    return this.#index !== null;
  }

  /** {code, title, kind, why, marks} of each code found, best first. */
  find(query) {
    return this.#index ? search(this.#index, query, MOST) : [];
  }

  /** {code, title, kind} of a listed code; null for another. */
  get(code) {
    return this.#index?.byCode.get(code) ?? null;
  }

  /** Where a code stands: {chapter, path, siblings, children}. "" for the chapters. */
  place(code) {
    return this.#index ? tabular(this.#index, code) : null;
  }

  /** The same search on the server, over the whole code system. Null where it does not answer. */
  async findEverywhere(query) {
    const reply = await ask("POST", "/codes/search/", { query: asQuery(query) });
    return outcome(reply) === "arrived" ? reply.data.codes : null;
  }
}
