// On a phone one of three panes is shown: the note, finding, my codes. The note opens where it was
// left.
import { $, attributes } from "./dom.js";

let reading = 0;

export function startPanes() {
  $("panes").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) showPane(button.value);
  });
}

export function showPane(name) {
  if (document.body.dataset.pane === "note") reading = $("note").scrollTop;
  document.body.dataset.pane = name;
  for (const button of $("panes").querySelectorAll("button")) {
    attributes(button, { "aria-pressed": String(button.value === name) });
  }
  if (name === "note") $("note").scrollTop = reading;
}

/** Whether panes take turns; else all of them are there. */
export function isNarrow() {
  return getComputedStyle($("panes")).display !== "none";
}

/** Another note: its reading begins at its top. */
export function newNote() {
  reading = 0;
  if (isNarrow()) showPane("note");
}
