// Small helpers for elements.
export const $ = (id) => document.getElementById(id);

/** A new element: `make("li", { className: "code" }, "words", otherElement)`. */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Set attributes; those that are null are removed. Nothing is touched that is so already. */
export function attributes(element, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Write words into an element, unless they stand there: a live region would say them again. */
export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** "1 code", "2 codes". */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** The time of day: 10:42. */
export function timeOfDay(date) {
  const parts = [date.getHours(), date.getMinutes()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Seconds as a clock shows them: 4:12, 1:02:03. */
export function asClock(seconds) {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  if (!hours) return `${minutes}:${rest}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}
