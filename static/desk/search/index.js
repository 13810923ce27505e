// Codes made ready to be searched: icd/search/index.py does the same.
import { categoryOf, undotted } from "./codes.js";
import { readTables } from "./tables.js";
import { readTerm, readTitle } from "./titles.js";
import { compare, singular, texts } from "./words.js";

const DENIED = -1;
export const TITLE = 0;
export const SHORT = 1;
export const FIRST_TERM = 2;
const MOST_KNOWN = 2000;
const LONGEST_SHORT = 5;
const FIELDS = 4096;

/** From the file of a code list, see icd/search/browser.py. */
export function makeIndex(data) {
  const index = {
    data,
    tables: readTables(data.tables),
    entries: [],
    places: new Map(),
    numbers: new Map(),
    known: new Map(),
    knownWords: null,
    above: null,
  };
  const frequencies = data.frequencies ?? {};
  const rows = [...data.codes].sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  for (const row of rows) add(index, row, frequencies[row[0]] ?? 0);
  index.vocabulary = [...index.places.keys()].sort(compare);
  index.entries.forEach((entry, number) => {
    if (!index.numbers.has(entry.code)) index.numbers.set(entry.code, number);
  });
  return index;
}

function add(index, [code, kind, long, short], stays) {
  const terms = kind === "dx" ? index.data.terms[code] ?? [] : [];
  const title = readTitle(long, index.tables);
  const shortWords = new Set(texts(short));
  const number = index.entries.length;
  for (const word of title.denied) place(index, word, number, DENIED);
  for (const word of title.said) place(index, word, number, TITLE);
  for (const word of shortWords) {
    if (word.length <= LONGEST_SHORT) place(index, word, number, SHORT);
  }
  const words = [];
  terms.forEach((term, nth) => {
    const own = readTerm(term, index.tables);
    for (const word of own) place(index, word, number, FIRST_TERM + nth);
    words[FIRST_TERM + nth] = [...own].filter((word) => !index.tables.small.has(word)).length;
  });
  index.entries.push({
    code,
    kind,
    title: long,
    bare: undotted(code),
    terms,
    head: title.head,
    tail: title.tail,
    allWords: title.allWords,
    words,
    standing: standing(index.tables.points, title.words, shortWords) + prior(stays),
    groups: groupsOf(index.tables.groups, code, kind, title.said),
  });
}

/** A place is a code by its number and one of its fields, in one figure: there are many. */
function place(index, word, number, field) {
  const there = index.places.get(word);
  const figure = number * FIELDS + field - DENIED;
  if (there) there.push(figure);
  else index.places.set(word, [figure]);
}

function standing(points, long, short) {
  let total = 0;
  const unspecified = long.filter((word) => word === "unspecified").length;
  if (unspecified || long.includes("otherwise") || short.has("nos")) total += points["unspecified"];
  total += points["unspecified again"] * Math.max(0, unspecified - 1);
  const lacks = long.includes("mention") || long.includes("complication");
  if (long.includes("without") && lacks) total += points["without"];
  if (long.includes("initial") && long.includes("episode")) total += points["initial"];
  if (long.includes("other")) total += points["other"];
  if (long.includes("elsewhere") && long.includes("not")) total += points["elsewhere"];
  return total;
}

/** Points for a frequency: 16 for each doubling, straight between. Whole numbers throughout. */
export function prior(stays) {
  const count = stays + 1;
  const doublings = 31 - Math.clz32(count);
  return 16 * doublings + Math.floor((16 * count) / 2 ** doublings) - 16;
}

function groupsOf(groups, code, kind, said) {
  const own = categoryOf(code);
  const found = [];
  groups.forEach((group, number) => {
    const named = [...group.words].some((word) => said.has(word));
    const inside = group.ranges.some((range) => within(own, kind, range));
    if (group.both ? named && inside : named || inside) found.push(number);
  });
  return found;
}

function within(own, kind, [ofKind, first, last]) {
  return kind === ofKind && own.length === first.length && first <= own && own <= last;
}

/** Where a word of a query stands, or a word that begins with it: number -> {field: points}. */
export function found(index, word) {
  let known = index.known.get(word);
  if (!known) {
    known = lookUp(index, word);
    if (index.known.size > MOST_KNOWN) index.known.clear();
    index.known.set(word, known);
  }
  return known;
}

function lookUp(index, word) {
  const points = index.tables.points;
  const whole = [points["title whole"], points["short whole"], points["term whole"]];
  const prefix = [points["title prefix"], points["short prefix"], points["term prefix"]];
  const result = new Map();
  if (!word.includes(".")) {
    const vocabulary = index.vocabulary;
    for (let at = firstFrom(vocabulary, word); at < vocabulary.length; at += 1) {
      const other = vocabulary[at];
      if (!other.startsWith(word)) break;
      const worth = singular(other) === singular(word) ? whole : prefix;
      if (word.length > 1 || other === word) note(index, other, worth, result);
    }
    if (singular(word) !== word) note(index, singular(word), whole, result);
  }
  lookUpCode(index, word, whole[TITLE], result);
  return result;
}

function note(index, word, worth, result) {
  for (const figure of index.places.get(word) ?? []) {
    const number = Math.floor(figure / FIELDS);
    const stands = (figure % FIELDS) + DENIED;
    let points = index.tables.points["title negated"];
    if (stands !== DENIED) points = worth[Math.min(stands, FIRST_TERM)];
    const field = Math.max(stands, TITLE);
    const fields = result.get(number);
    if (!fields) result.set(number, { [field]: points });
    else fields[field] = Math.max(fields[field] ?? 0, points);
  }
}

/** A word of a query may be the beginning of a code: 428, V58, 250.6. */
function lookUpCode(index, word, worth, result) {
  if (word.length < 3 || !/[0-9]/.test(word)) return;
  for (const number of codesWith(index, word.toUpperCase())) {
    const fields = result.get(number) ?? {};
    fields[TITLE] = worth;
    result.set(number, fields);
  }
}

/** Numbers of the codes that begin with this; a dot counts where there is one. */
export function codesWith(index, beginning) {
  const dot = beginning.includes(".");
  const numbers = [];
  index.entries.forEach((entry, number) => {
    if ((dot ? entry.code : entry.bare).startsWith(beginning)) numbers.push(number);
  });
  return numbers;
}

/** Place of the first word that is not before this one. */
function firstFrom(sorted, word) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}
