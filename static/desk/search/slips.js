// Words that were mistyped: icd/search/slips.py does the same.
import { compare, texts } from "./words.js";

const SHORTEST = 4;
const SHORTEST_BEGINNING = 5;
const SHORTEST_TWICE = 8;
const OF_THE_TABLE = 3;
const MOST = 5;

/** Words that are one letter off, likeliest first; long words may be two off. */
export function corrections(word, index) {
  if (word.length < SHORTEST || /[0-9]/.test(word)) return [];
  const ranked = [];
  for (const [other, count] of knownWords(index)) {
    const distance = distanceOf(word, other);
    if (distance !== null) ranked.push({ distance, count, other });
  }
  ranked.sort((a, b) => a.distance - b.distance || b.count - a.count || compare(a.other, b.other));
  return ranked.slice(0, MOST).map((row) => row.other);
}

function distanceOf(word, other) {
  if (oneOff(word, other)) return 0;
  if (word[0] !== other[0]) return null;
  if (word.length >= SHORTEST_BEGINNING && other.length > word.length) {
    for (const length of [word.length - 1, word.length, word.length + 1]) {
      if (oneOff(word, other.slice(0, length))) return 1;
    }
  }
  return word.length >= SHORTEST_TWICE && twoOff(word, other) ? 2 : null;
}

/** Whether one letter makes one word of the other. */
export function oneOff(word, other) {
  if (Math.abs(word.length - other.length) > 1 || word === other) return false;
  const shorter = Math.min(word.length, other.length);
  let begin = 0;
  while (begin < shorter && word[begin] === other[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && word.at(-1 - end) === other.at(-1 - end)) end += 1;
  const mine = word.slice(begin, word.length - end);
  const yours = other.slice(begin, other.length - end);
  if (mine.length <= 1 && yours.length <= 1) return true;
  return mine.length === 2 && yours.length === 2 && mine[0] === yours[1] && mine[1] === yours[0];
}

/** Whether two letters make one word of the other. */
export function twoOff(word, other) {
  if (Math.abs(word.length - other.length) > 2) return false;
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= word.length; i += 1) {
    const last = before;
    before = row;
    row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const wrong = word[i - 1] === other[j - 1] ? 0 : 1;
      let cost = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + wrong);
      const neighbours = i > 1 && j > 1 && word[i - 1] === other[j - 2];
      if (neighbours && word[i - 2] === other[j - 1]) cost = Math.min(cost, last[j - 2] + 1);
      row.push(cost);
    }
    if (Math.min(...row) > 2) return false;
  }
  return row.at(-1) <= 2;
}

/** Every word that can be found -> in how many places it stands. */
export function knownWords(index) {
  if (!index.knownWords) {
    const counts = new Map();
    for (const [word, places] of index.places) counts.set(word, places.length);
    for (const phrase of index.tables.spellings.values()) {
      for (const word of texts(phrase)) counts.set(word, (counts.get(word) ?? 0) + OF_THE_TABLE);
    }
    const known = [...counts].filter(([word]) => word.length >= SHORTEST && /^[a-z]+$/.test(word));
    index.knownWords = new Map(known);
  }
  return index.knownWords;
}
