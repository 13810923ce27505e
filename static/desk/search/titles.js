// What a title says first, what it adds, and what it denies: icd/search/titles.py does the same.
import { texts, wordsIn } from "./words.js";

const ENDS = /[,;()[\]]/;

/** Read a long title: set `said`, and lists `words`, `denied`, `head`, `tail`, `allWords`. */
export function readTitle(title, tables) {
  const said = new Set();
  const denied = new Set();
  const head = new Set();
  let inHead = true;
  let negated = false;
  let end = 0;
  const words = [];
  for (const word of wordsIn(title)) {
    const text = word.text;
    words.push(text);
    if (ENDS.test(title.slice(end, word.start)) || tables.endsHead.has(text)) {
      inHead = false;
      negated = false;
    }
    end = word.end;
    (negated ? denied : said).add(text);
    if (inHead) head.add(text);
    if (tables.negates.has(text)) negated = true;
  }
  const says = (word) => !tables.saysNothing.has(word) && !tables.small.has(word);
  const both = new Set([...said, ...denied]);
  return {
    words,
    said,
    allWords: [...both].filter((word) => !tables.small.has(word)),
    denied: [...denied].filter((word) => !said.has(word)),
    head: [...head].filter(says),
    tail: [...both].filter((word) => says(word) && !head.has(word)),
  };
}

/** The words of an inclusion term, but for those that it denies. */
export function readTerm(term, tables) {
  const words = texts(term);
  if (words.some((word) => tables.negates.has(word))) return readTitle(term, tables).said;
  return new Set(words);
}
