// Questions over the page. While one is open, no key reaches Label Studio's shortcuts.
let open = null;

/** Show `words` (one text or several paragraphs) and a button for each [label, act]. */
export function question(words, choices) {
  open?.remove();
  open = document.createElement("dialog");
  open.className = "cb-dialog";
  for (const text of [words].flat()) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    open.append(paragraph);
  }
  for (const [label, act] of choices) open.append(button(label, act));
  open.addEventListener("cancel", (event) => event.preventDefault()); // Escape answers no question
  document.body.append(open);
  open.showModal();
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => {
    open?.remove();
    open = null;
    act();
  });
  return made;
}

for (const kind of ["keydown", "keypress", "keyup"]) {
  window.addEventListener(kind, (event) => open && event.stopImmediatePropagation(), true);
}
