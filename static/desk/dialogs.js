// Questions over the page, the keys, and the guideline.
import { $, make } from "./dom.js";
import { TABLE, nameOf } from "./keys.js";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** Show `words`, a text or several, and a button for each [label, act]. Escape answers nothing. */
export function question(words, choices) {
  const [first, ...rest] = [words].flat();
  const title = make("h2", { id: "question", textContent: first });
  const paragraphs = rest.map((textContent) => make("p", { textContent }));
  const answers = make("p", { className: "answers" });
  const dialog = make("dialog", { className: "question" }, title, ...paragraphs, answers);
  dialog.setAttribute("aria-labelledby", "question");
  for (const [label, act] of choices) {
    const button = make("button", { type: "button", className: "button", textContent: label });
    button.addEventListener("click", () => {
      dialog.remove();
      act();
    });
    answers.append(button);
  }
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}

export function showKeys() {
  if (!$("keys-table").children.length) $("keys-table").append(...TABLE.map(group));
  $("keys").showModal();
}

export function showGuideline() {
  $("guideline").showModal();
}

function group({ title, keys }) {
  const list = make("dl");
  for (const [names, does] of keys) {
    const term = make("dt");
    for (const name of names) term.append(make("kbd", { textContent: nameOf(name, MAC) }), " ");
    list.append(term, make("dd", { textContent: does }));
  }
  return make("section", {}, make("h3", { textContent: title }), list);
}

/** Ctrl and Alt in the page's own hints are called as on this computer. */
export function nameKeys() {
  for (const hint of document.querySelectorAll("kbd[data-key]")) {
    hint.textContent = nameOf(hint.dataset.key, MAC);
  }
}
