// What a query asks for: icd/search/query.py does the same.
import { isCodeLike, keyOf, otherKeys, texts } from "./words.js";

const LONGEST_RUN = 6;
const PAST = ["history", "status"];

/** Read the words of a query: {words, parts, past, groups}. */
export function read(words, tables) {
  let rest = words;
  let past = false;
  if (!meaningOf(words, tables)) {
    rest = withoutBefore(words, tables);
    past = rest.length < words.length;
  }
  let kept = rest.filter((word) => !tables.small.has(word));
  if (!kept.length) kept = rest;
  return {
    words: kept,
    parts: partsOf(kept, tables, past),
    past,
    groups: groupsAsked(past ? [...words, ...PAST] : words, tables),
  };
}

/** The words of what was typed; a number keeps its point, for it may be a code. */
export function wordsOf(query, tables) {
  const found = [];
  for (const piece of query.split(" ")) {
    const small = /^[\x00-\x7f]*$/.test(piece) ? piece.toLowerCase() : piece;
    if (tables.pieces.has(small)) found.push(...tables.pieces.get(small));
    else if (piece.includes(".") && isCodeLike(piece)) found.push(small);
    else found.push(...texts(piece));
  }
  return found;
}

function withoutBefore(words, tables) {
  for (let length = Math.min(LONGEST_RUN, words.length - 1); length > 0; length -= 1) {
    if (tables.before.has(words.slice(0, length).join(""))) return words.slice(length);
    if (tables.before.has(words.slice(-length).join(""))) return words.slice(0, -length);
  }
  return words;
}

function partsOf(words, tables, past) {
  const found = [];
  let start = 0;
  while (start < words.length) {
    const length = longestRun(words, start, tables);
    const run = words.slice(start, start + length);
    const meaning = meaningOf(run, tables);
    found.push(partOf(run, meaning, tables, past));
    start += run.length;
  }
  return found;
}

function longestRun(words, start, tables) {
  for (let length = Math.min(LONGEST_RUN, words.length - start); length > 1; length -= 1) {
    if (meaningOf(words.slice(start, start + length), tables)) return length;
  }
  return 1;
}

/** What the table of abbreviations says of these words together, if it has them. */
export function meaningOf(words, tables) {
  const { meanings, small, same } = tables;
  for (const key of [keyOf(words, small), ...otherKeys(words, small, same)]) {
    if (meanings.has(key)) return meanings.get(key);
  }
  return null;
}

/** Each word of a query as a part of its own. */
export function oneByOne(asked, tables) {
  return asked.words.map((word) => partOf([word], meaningOf([word], tables), tables, asked.past));
}

/** A part of a query: {typed, alternatives, meaning, pins}. */
export function partOf(run, meaning, tables, past) {
  const alternatives = [run];
  const seen = new Set([run.join(" ")]);
  let pins = [];
  if (meaning) {
    pins = past && meaning.history.length ? meaning.history : meaning.codes;
    for (const words of meaning.words) {
      const wanted = texts(words).filter((word) => !tables.small.has(word));
      if (!seen.has(wanted.join(" "))) alternatives.push(wanted);
      seen.add(wanted.join(" "));
    }
  }
  return { typed: run.join(" "), alternatives, meaning, pins };
}

/** The words without those that may be left aside at this step; all where nothing is left. */
export function withoutOptional(words, tables, step) {
  const kept = words.filter((word) => (tables.optional.get(word) ?? step + 1) > step);
  return kept.every((word) => tables.small.has(word)) ? words : kept;
}

function groupsAsked(words, tables) {
  const found = new Set();
  tables.groups.forEach((group, number) => {
    const asks = (word) => group.asked.some((beginning) => word.startsWith(beginning));
    if (words.some(asks)) found.add(number);
  });
  return found;
}
