// Which codes a query finds, and in which order: icd/search/ranking.py does the same.
import { undotted } from "./codes.js";
import { codesWith, found } from "./index.js";
import { meaningOf, oneByOne, partOf, read, withoutOptional, wordsOf } from "./query.js";
import { matchOf } from "./scoring.js";
import { corrections, knownWords } from "./slips.js";
import { compare, cut, isCodeLike, keyOf, wordsIn } from "./words.js";

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
  const bare = undotted(beginning);
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
