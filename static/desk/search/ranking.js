// Which codes a query finds, and in which order: icd/search/ranking.py does the same.
import { codesWith, FIRST_TERM, found, SHORT, TITLE } from "./index.js";
import { meaningOf, oneByOne, partOf, read, withoutOptional, wordsOf } from "./query.js";
import { corrections, knownWords } from "./slips.js";
import { compare, cut, isCodeLike, keyOf, singular, wordsIn } from "./words.js";

const LIMIT = 50;
const SHORTEST_BEGINNING = 3;
const STEPS = [1, 2];
const PINNED = 1_000_000;
const NEXT_PINNED = 1_000;
const WEIGHT = 10_000;

/** The codes that a query finds, best first: {code, title, kind, why, marks}. */
export function search(index, query, limit = LIMIT) {
  const typed = cut(query);
  let matches = byCode(index, typed);
  if (!matches.length) {
    const words = wordsOf(typed, index.tables);
    matches = words.length ? byWords(index, words) : [];
    matches.sort((a, b) => b.points - a.points || a.number - b.number);
  }
  return matches.slice(0, limit).map((match) => hit(index, match));
}

function hit(index, match) {
  const { code, kind, title } = index.entries[match.number];
  const marks = [];
  for (const word of wordsIn(title)) {
    const wanted = match.words.some((beginning) => word.text.startsWith(beginning));
    if (wanted) marks.push([word.start, word.end]);
  }
  return { code, title, kind, why: match.why, marks };
}

function byCode(index, query) {
  const typed = query.replaceAll(" ", "");
  if (!isCodeLike(typed)) return [];
  const beginning = typed.toUpperCase();
  const bare = beginning.replaceAll(".", "");
  const exact = [];
  const longer = [];
  for (const number of codesWith(index, beginning)) {
    const same = index.entries[number].bare === bare;
    (same ? exact : longer).push({ number, points: 0, why: "code", words: [] });
  }
  return [...exact, ...longer];
}

/** The codes that have all words; where none has, the ways out in their order. */
function byWords(index, words) {
  for (const way of [matching, begun, corrected, mostWords]) {
    const matches = way(index, words);
    if (matches.length) return matches;
  }
  return [];
}

/** The codes that have all words, else all but those that may be left aside. */
function matching(index, words, slip = "") {
  let matches = allWords(index, read(words, index.tables), slip);
  for (const step of STEPS) {
    const fewer = withoutOptional(words, index.tables, step);
    if (!matches.length && fewer.length < words.length) {
      const aside = words.filter((word) => !fewer.includes(word)).join(" ");
      const wordsAside = `left aside: ${aside}`;
      const note = slip ? `${slip} · ${wordsAside}` : wordsAside;
      matches = allWords(index, read(fewer, index.tables), note);
    }
  }
  return matches;
}

function allWords(index, asked, note = "") {
  const pinned = pinnedBy(index, asked);
  const matches = [...pinned.values()];
  for (const number of candidates(index, asked.parts)) {
    if (pinned.has(number)) continue;
    const match = matchOf(index, number, asked);
    if (match) matches.push(match);
  }
  if (note) {
    for (const match of matches) {
      match.why = match.why === "title" ? note : `${note} · ${match.why}`;
    }
  }
  return matches;
}

/** The codes that the table names where it knows the whole query. */
function pinnedBy(index, asked) {
  const result = new Map();
  if (asked.parts.length !== 1) return result;
  const [part] = asked.parts;
  part.pins.forEach((code, place) => {
    const number = index.numbers.get(code);
    if (number === undefined) return;
    const points = PINNED - NEXT_PINNED * place;
    const words = part.alternatives.flat();
    result.set(number, { number, points, why: pinWords(part, asked), words });
  });
  return result;
}

function pinWords(part, asked) {
  if (asked.past && part.meaning?.history.length) return `history of ${part.typed}`;
  if (part.alternatives.length > 1) return `${part.typed} = ${part.alternatives[1].join(" ")}`;
  return `usual code for ${part.typed}`;
}

/** Numbers of the codes in which each part may be found. */
function candidates(index, parts) {
  let left = null;
  for (const part of parts) {
    const numbers = mayHave(index, part);
    left = left === null ? numbers : common(left, numbers);
    if (!left.size) return [];
  }
  return [...(left ?? [])].sort((a, b) => a - b);
}

function common(one, other) {
  return new Set([...one].filter((number) => other.has(number)));
}

function mayHave(index, part) {
  const numbers = new Set();
  for (const alternative of part.alternatives) {
    for (const number of withAll(index, alternative)) numbers.add(number);
  }
  for (const code of part.pins) {
    if (index.numbers.has(code)) numbers.add(index.numbers.get(code));
  }
  return numbers;
}

/** Numbers of the codes that have all these words, wherever. */
function withAll(index, words) {
  const all = words.map((word) => found(index, word)).sort((a, b) => a.size - b.size);
  if (!all.length) return [];
  const [fewest, ...others] = all;
  return [...fewest.keys()].filter((number) => others.every((other) => other.has(number)));
}

/** How well a code matches: by its titles alone, or together with one of its other names. */
function matchOf(index, number, asked) {
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
  points += pinPoints(index, entry, asked) - uncovered(index, number, words, field);
  let why = whyOf(asked.parts, taken);
  if (field >= FIRST_TERM) {
    const term = `inclusion term: ${entry.terms[field - FIRST_TERM]}`;
    why = why ? `${why} · ${term}` : term;
  }
  return { number, points, why: why || "title", words };
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

/** By the first abbreviation that begins with what was typed: a coder is still writing. */
function begun(index, words) {
  const { meanings, spellings, small } = index.tables;
  const typed = keyOf(words, small);
  if (typed.length < SHORTEST_BEGINNING) return [];
  const keys = [...spellings.keys()].filter((key) => key.startsWith(typed));
  keys.sort((a, b) => a.length - b.length || compare(a, b));
  for (const key of keys) {
    const part = partOf([spellings.get(key)], meanings.get(key), index.tables, false);
    const asked = { ...read(words, index.tables), parts: [part], past: false };
    const matches = allWords(index, asked);
    if (matches.length) return matches;
  }
  return [];
}

/** With words that nobody knows corrected; else with each word in turn. */
function corrected(index, words) {
  const { parts } = read(words, index.tables);
  if (parts.length === 1 && parts[0].meaning) return [];
  const everywhere = words.map((_, place) => place);
  const unknown = everywhere.filter((place) => !isKnown(index, words[place]));
  const tries = unknown.length ? [unknown] : everywhere.map((place) => [place]);
  for (const places of tries) {
    const choices = places.map((place) => corrections(words[place], index));
    if (!choices.every((choice) => choice.length)) continue;
    const longest = Math.max(...choices.map((choice) => choice.length));
    for (let nth = 0; nth < longest; nth += 1) {
      const tried = [...words];
      places.forEach((place, which) => {
        tried[place] = choices[which][Math.min(nth, choices[which].length - 1)];
      });
      const named = places.map((place) => tried[place]).join(", ");
      const matches = matching(index, tried, `one letter off: ${named}`);
      if (matches.length) return matches;
    }
  }
  return [];
}

/** Whether a word stands in some title, or in the table of abbreviations. */
function isKnown(index, word) {
  const { small, before } = index.tables;
  if (small.has(word) || before.has(word) || found(index, word).size) return true;
  return knownWords(index).has(word) || meaningOf([word], index.tables) !== null;
}

/** The codes that have most of the words; rare words weigh more. */
function mostWords(index, words) {
  const asked = read(words, index.tables);
  const wanted = asked.parts.length > 1 ? asked.parts : oneByOne(asked, index.tables);
  if (wanted.length < 2) return [];
  const having = new Map();
  for (const part of wanted) {
    const numbers = mayHave(index, part);
    const rarity = Math.floor(index.entries.length / Math.max(1, numbers.size));
    const weight = 32 - Math.clz32(rarity);
    for (const number of numbers) {
      const has = having.get(number) ?? { number, weight: 0, parts: [] };
      has.weight += weight;
      has.parts.push(part);
      having.set(number, has);
    }
  }
  const all = [...having.values()].sort((a, b) => b.weight - a.weight || a.number - b.number);
  const matches = [];
  let weight = null;
  for (const has of all) {
    if (has.weight !== weight && matches.length >= LIMIT) break;
    weight = has.weight;
    const match = matchOf(index, has.number, { ...asked, parts: has.parts });
    if (match) {
      match.points += WEIGHT * weight;
      match.why = `${has.parts.length} of ${wanted.length} words`;
      matches.push(match);
    }
  }
  return matches;
}
