// What a query asks for: icd/search/query.py does the same.
import { keyOf, texts } from "./words.js";

const LONGEST_RUN = 6;
const PAST = ["history", "status"];

/** Read the words of a query: {words, parts, past, groups}. */
export function read(words, tables) {
  let rest = words;
  let past = false;
  if (!tables.meanings.has(keyOf(words, tables.small))) {
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
    const run = words.slice(start, start + Math.max(length, 1));
    const meaning = length ? tables.meanings.get(run.join("")) : null;
    found.push(partOf(run, meaning, tables, past));
    start += run.length;
  }
  return found;
}

function longestRun(words, start, tables) {
  for (let length = Math.min(LONGEST_RUN, words.length - start); length > 0; length -= 1) {
    if (tables.meanings.has(words.slice(start, start + length).join(""))) return length;
  }
  return 0;
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
