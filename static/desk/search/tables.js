// The search's tables, made ready: icd/search/tables.py does the same.
import { keyOf, otherKeys, texts } from "./words.js";

/** From the tables of the code list's file. */
export function readTables(given) {
  const small = new Set(given.small);
  const meanings = new Map();
  const spellings = new Map();
  const otherWays = new Map();
  const same = new Map(Object.entries(given.same));
  for (const [written, words, codes, history] of given.abbreviations) {
    const meaning = {
      words: words ? words.split("|") : [],
      codes: codes ? codes.split(" ") : [],
      history: history ? history.split(" ") : [],
    };
    for (const phrase of written.split("|")) {
      const plain = texts(phrase);
      const key = keyOf(plain, small);
      meanings.set(key, meaning);
      spellings.set(key, phrase);
      for (const other of otherKeys(plain, small, same)) {
        if (!otherWays.has(other)) otherWays.set(other, meaning);
      }
    }
  }
  for (const [key, meaning] of otherWays) if (!meanings.has(key)) meanings.set(key, meaning);
  return {
    meanings,
    spellings,
    same,
    pieces: new Map(Object.entries(given.pieces)),
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
