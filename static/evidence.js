// The note's page: a code of a model, pointed at, focused or chosen, lights the pieces of the note
// that it names.
"use strict";
(() => {
  const text = document.querySelector(".note-text");
  const status = document.getElementById("looked");
  const links = [...document.querySelectorAll("a[data-lights]")];
  const pieces = new Map();
  for (const piece of text.querySelectorAll("[data-piece]")) pieces.set(piece.dataset.piece, piece);
  let lit = [...text.querySelectorAll(".lit")];
  let chosen = document.querySelector("a[data-lights][aria-current]");

  const why = (link) => document.getElementById(link.dataset.why);

  function light(link) {
    for (const piece of lit) {
      piece.classList.remove("lit");
      delete piece.dataset.level;
    }
    lit = [];
    status.textContent = link ? link.dataset.words : "";
    for (const pair of link ? link.dataset.lights.split(" ").filter(Boolean) : []) {
      const [number, level] = pair.split(":");
      const piece = pieces.get(number);
      piece.classList.add("lit");
      piece.dataset.level = level;
      lit.push(piece);
    }
  }

  // Scroll a pane, and nothing around it, so that a part of it stands at this share of its height.
  function bring(part, pane, share) {
    if (pane.scrollHeight <= pane.clientHeight) return;
    const below = part.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTop += below - pane.clientHeight * share;
  }

  // The strongest place comes first. Only the text moves: the code stays under the pointer.
  function show() {
    if (lit.length) bring(lit[0], text, 1 / 3);
  }

  function choose(link) {
    if (chosen) {
      chosen.removeAttribute("aria-current");
      if (why(chosen)) why(chosen).hidden = true;
    }
    chosen = link === chosen ? null : link;
    chosen?.setAttribute("aria-current", "true");
    if (chosen && why(chosen)) why(chosen).hidden = false;
    light(chosen);
    show();
  }

  for (const link of links) {
    for (const event of ["mouseenter", "focus"]) {
      link.addEventListener(event, () => { light(link); show(); });
    }
    for (const event of ["mouseleave", "blur"]) {
      link.addEventListener(event, () => light(chosen));
    }
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(link);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  });
  if (chosen) {
    light(chosen); // the strongest place first
    show();
  }
  const here = chosen?.closest("li") ?? document.querySelector(".group .here");
  if (here) bring(here, document.getElementById("codes"), 1 / 4);
})();
