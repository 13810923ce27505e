// The bar on top, and the tray beside the note: which codes are ticked, and whether they are saved.
import { NEXT, QUEUE } from "./site.js";

/** Links to our site. `leave(address)` is called instead of following one. */
export function addBar(leave) {
  if (document.getElementById("cb-bar")) return;
  const bar = document.createElement("nav");
  bar.id = "cb-bar";
  bar.setAttribute("aria-label", "Coderbench");
  for (const [text, href] of [["Back to my queue", QUEUE], ["Code next note", NEXT]]) {
    const link = document.createElement("a");
    link.textContent = text;
    link.href = href;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      leave(href);
    });
    bar.append(link);
  }
  document.body.append(bar);
}

const tray = document.createElement("section");
tray.id = "cb-tray";
tray.setAttribute("aria-label", "Codes ticked");
const count = document.createElement("strong");
const state = document.createElement("span");
state.setAttribute("role", "status");
const signIn = document.createElement("a");
signIn.href = QUEUE;
signIn.textContent = "Sign in again";
const list = document.createElement("ul");
const line = document.createElement("p");
line.append(count, " ", state, " ", signIn);
tray.append(line, list);

/** Label Studio builds its page anew at each note: put the tray back above the codes. */
export function place() {
  const codes = document.querySelector(".cb-codes");
  if (codes && tray.parentElement !== codes) codes.prepend(tray);
}

/** Show the note's codes; `remove(code)` is called for the cross of one. */
export function draw(note, remove) {
  const { codes } = note;
  count.textContent = codes.length === 1 ? "1 code ticked" : `${codes.length} codes ticked`;
  if (state.textContent !== note.state.words) state.textContent = note.state.words;
  state.className = "";
  if (note.state.bad) state.className = "cb-bad";
  else if (note.state.good) state.className = "cb-good";
  signIn.hidden = note.session;
  const wanted = codes.join(" ");
  if (list.dataset.codes === wanted) return;
  list.dataset.codes = wanted;
  const items = codes.map((code) => item(note.editor.label(code), () => remove(code)));
  list.replaceChildren(...items);
}

function item(label, remove) {
  const entry = document.createElement("li");
  const text = document.createElement("span");
  text.textContent = label;
  const cross = document.createElement("button");
  cross.type = "button";
  cross.textContent = "×";
  cross.title = "Remove";
  cross.setAttribute("aria-label", `Remove ${label}`);
  cross.addEventListener("click", remove);
  entry.append(text, cross);
  return entry;
}
