// Words of titles and of queries: folded to small letters and figures without accents.
//
// icd/search/words.py does the same, letter by letter.
const SPELT_OUT = { "&": " and ", "<": " under ", ">": " over ", "+": " positive " };
const APOSTROPHES = "'’‘`´";
const CODE_LIKE = /^(?:[0-9]+\.[0-9]*|[0-9]+|[ev][0-9]+(?:\.[0-9]*)?)$/;
const LONGEST = 60;

/** The first 60 characters of a query. */
export function cut(query) {
  return Array.from(query).slice(0, LONGEST).join("");
}

function isLetterOrFigure(character) {
  return /^[A-Za-z0-9]$/.test(character);
}

/** A character as words are compared: a letter or figure, "" for what joins, else a blank. */
export function fold(character) {
  if (isLetterOrFigure(character)) return character.toLowerCase();
  if (APOSTROPHES.includes(character)) return "";
  if (character >= "\u0300" && character <= "\u036f") return "";
  if (character.charCodeAt(0) < 128) return SPELT_OUT[character] ?? " ";
  const first = character.normalize("NFD")[0];
  return isLetterOrFigure(first) ? first.toLowerCase() : " ";
}

const ASCII = Array.from({ length: 128 }, (_, code) => fold(String.fromCharCode(code)));

/** The words of a text: {text, start, end}. */
export function wordsIn(text) {
  const found = [];
  let current = "";
  let start = 0;
  let place = 0;
  for (const character of text) {
    const code = character.charCodeAt(0);
    for (const letter of code < 128 ? ASCII[code] : fold(character)) {
      if (letter !== " ") {
        if (!current) start = place;
        current += letter;
      } else if (current) {
        found.push({ text: current, start, end: Math.max(place, start + 1) });
        current = "";
      }
    }
    place += character.length;
  }
  if (current) found.push({ text: current, start, end: place });
  return found;
}

/** The words of a text, without their places. */
export function texts(text) {
  let folded = "";
  for (const character of text) {
    const code = character.charCodeAt(0);
    folded += code < 128 ? ASCII[code] : fold(character);
  }
  return folded.split(" ").filter(Boolean);
}

/** Whether this may be a code or its beginning, in either case of letters, dot or not. */
export function isCodeLike(text) {
  return /^[\x00-\x7f]*$/.test(text) && CODE_LIKE.test(text.toLowerCase());
}

/** A word of four letters or more without the s of its plural, else the word itself. */
export function singular(word) {
  if (word.length < 4 || !word.endsWith("s")) return word;
  if (word.endsWith("ss") || word.endsWith("us") || word.endsWith("is")) return word;
  return word.slice(0, -1);
}

/** How some words are looked up: without small words, glued; of small words alone, all. */
export function keyOf(words, small) {
  const kept = words.filter((word) => !small.has(word));
  return (kept.length ? kept : words).join("");
}

/** Further ways to look some words up: as the words that they are the same as; in any order. */
export function otherKeys(words, small, same) {
  const without = words.filter((word) => !small.has(word));
  const told = [];
  for (const word of without.length ? without : words) {
    told.push(...(same.get(word) ?? same.get(singular(word)) ?? singular(word)).split(" "));
  }
  return [told.join(""), [...told].sort(compare).join(" ")];
}

/** The order of strings of plain letters, as of Python. */
export function compare(one, other) {
  if (one < other) return -1;
  return one > other ? 1 : 0;
}
