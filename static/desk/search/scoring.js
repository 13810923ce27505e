// How well one code matches a query, in points: icd/search/scoring.py does the same.
import { FIRST_TERM, found, SHORT, TITLE } from "./index.js";
import { singular } from "./words.js";

/** How well a code matches: by its titles alone, or together with one of its other names. */
export function matchOf(index, number, asked) {
  let best = null;
  for (const field of [TITLE, ...termsTouched(index, number, asked)]) {
    const match = matchBy(index, number, asked, field);
    if (match && (best === null || match.points > best.points)) best = match;
  }
  return best;
}

function termsTouched(index, number, asked) {
  if (!index.entries[number].terms.length) return [];
  const fields = new Set();
  for (const part of asked.parts) {
    for (const word of part.alternatives.flat()) {
      const there = found(index, word).get(number);
      for (const field in there) if (field >= FIRST_TERM) fields.add(Number(field));
    }
  }
  return [...fields].sort((a, b) => a - b);
}

function matchBy(index, number, asked, field) {
  const entry = index.entries[number];
  let total = 0;
  const taken = [];
  for (const part of asked.parts) {
    const one = takenOf(index, number, part, field);
    if (!one) return null;
    total += one.points;
    taken.push(one);
  }
  const words = [];
  asked.parts.forEach((part, nth) => words.push(...(part.alternatives[taken[nth].place] ?? [])));
  let points = Math.floor((total * 10) / taken.length);
  points += entry.standing + groupPoints(index, entry, asked);
  if (hasExactly(entry, asked)) points += index.tables.points["exact"];
  points += pinPoints(index, entry, asked) - uncovered(index, number, words, field);
  let why = whyOf(asked.parts, taken);
  if (field >= FIRST_TERM) {
    const term = `inclusion term: ${entry.terms[field - FIRST_TERM]}`;
    why = why ? `${why} · ${term}` : term;
  }
  return { number, points, why: why || "title", words };
}

/** Whether the query has all words of the title and no other. */
function hasExactly(entry, asked) {
  const words = new Set(asked.words);
  return words.size === entry.allWords.length && entry.allWords.every((word) => words.has(word));
}

/** The best of a part's alternatives in these fields; place -1: the table names the code. */
function takenOf(index, number, part, field) {
  let best = null;
  part.alternatives.forEach((alternative, place) => {
    let points = alternativePoints(index, number, alternative, field);
    if (points && place) points += index.tables.points["instead"];
    if (points && (best === null || points > best.points)) best = { points, place };
  });
  const pinned = index.tables.points["pinned"];
  const named = part.pins.includes(index.entries[number].code);
  if (named && (best === null || best.points < pinned)) return { points: pinned, place: -1 };
  return best;
}

function alternativePoints(index, number, words, field) {
  let total = 0;
  for (const word of words) {
    const fields = found(index, word).get(number);
    if (!fields) return 0;
    const points = Math.max(fields[TITLE] ?? 0, fields[SHORT] ?? 0, fields[field] ?? 0);
    if (!points) return 0;
    total += points;
  }
  return Math.floor(total / words.length);
}

function groupPoints(index, entry, asked) {
  let total = 0;
  for (const number of entry.groups) {
    const group = index.tables.groups[number];
    total += asked.groups.has(number) ? group.ifAsked : group.unlessAsked;
  }
  return total;
}

function pinPoints(index, entry, asked) {
  const points = index.tables.points;
  let best = 0;
  for (const part of asked.parts) {
    const place = part.pins.indexOf(entry.code);
    if (place >= 0) best = Math.max(best, points["pin"] - points["next pin"] * place);
  }
  return best;
}

/** Points off for what the title, or the inclusion term, says besides. */
function uncovered(index, number, words, field) {
  const points = index.tables.points;
  const entry = index.entries[number];
  let off = 0;
  if (field >= FIRST_TERM) {
    const has = (word) => found(index, word).get(number)?.[field];
    const covered = [...new Set(words)].filter(has).length;
    off = points["uncovered term"] * Math.max(0, entry.words[field] - covered);
  } else {
    const beginnings = words.map(singular);
    off = points["uncovered head"] * withoutBeginning(entry.head, beginnings);
    off += points["uncovered tail"] * withoutBeginning(entry.tail, beginnings);
  }
  return Math.min(off, points["most uncovered"]);
}

function withoutBeginning(words, beginnings) {
  const begins = (word) => beginnings.some((beginning) => word.startsWith(beginning));
  return words.filter((word) => !begins(word)).length;
}

/** What stood for something else; "" where all was found as it was typed. */
function whyOf(parts, taken) {
  const words = [];
  parts.forEach((part, nth) => {
    const { place } = taken[nth];
    if (place < 0) words.push(`usual code for ${part.typed}`);
    else if (place > 0) words.push(`${part.typed} = ${part.alternatives[place].join(" ")}`);
  });
  return words.join(" · ");
}
