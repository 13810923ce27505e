// A note that was wrapped by hand at 70 or 80 columns must not wrap twice where there is less room:
// lines that only the width had broken are joined again. Pure.
const NARROWEST = 50;
const WIDEST = 100;
const STARTS_ANEW = /^\s*(?:$|[-*#•=_]|\(?\d+[.)]\s|[A-Za-z][.)]\s|\s{2,})/;
const COLUMNS = /\S {3,}\S|\t/;

/** Join the lines that were broken because the next word did not fit. */
export function unwrapped(text) {
  const lines = text.split("\n");
  const width = wrappedAt(text);
  if (!width) return text;
  const joined = [lines[0]];
  for (let at = 1; at < lines.length; at += 1) {
    if (isBroken(lines[at - 1], lines[at], width)) joined.push(`${joined.pop()} ${lines[at]}`);
    else joined.push(lines[at]);
  }
  return joined.join("\n");
}

/** The columns that a text was wrapped at; 0 where it was not. */
export function wrappedAt(text) {
  let longest = 0;
  for (const line of text.split("\n")) longest = Math.max(longest, line.trimEnd().length);
  return longest >= NARROWEST && longest <= WIDEST ? longest : 0;
}

/** Whether a line ends because the first word of the next one did not fit. */
function isBroken(line, next, width) {
  if (!line.trim() || STARTS_ANEW.test(next)) return false;
  if (COLUMNS.test(line) || COLUMNS.test(next)) return false;
  const word = next.trimStart().split(/\s/, 1)[0];
  return line.trimEnd().length + 1 + word.length > width;
}
