// The search's tables, made ready: icd/search/tables.py does the same.
import { keyOf, texts } from "./words.js";

/** From the tables of the code list's file. */
export function readTables(given) {
  const small = new Set(given.small);
  const meanings = new Map();
  const spellings = new Map();
  for (const [written, words, codes, history] of given.abbreviations) {
    const meaning = {
      words: words ? words.split("|") : [],
      codes: codes ? codes.split(" ") : [],
      history: history ? history.split(" ") : [],
    };
    for (const phrase of written.split("|")) {
      const key = keyOf(texts(phrase), small);
      meanings.set(key, meaning);
      spellings.set(key, phrase);
    }
  }
  return {
    meanings,
    spellings,
    small,
    optional: new Map(Object.entries(given.optional)),
    endsHead: new Set(given.endsHead),
    negates: new Set(given.negates),
    saysNothing: new Set(given.saysNothing),
    before: new Set(given.before),
    groups: given.groups.map((group) => ({ ...group, words: new Set(group.words) })),
    points: given.points,
  };
}
