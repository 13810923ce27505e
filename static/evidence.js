// The note's page: a code of a model, pointed at, focused or chosen, lights the pieces of the note that it names.
"use strict";
(() => {
  const text = document.querySelector(".note-text");
  const status = document.getElementById("looked");
  const links = [...document.querySelectorAll("a[data-lights]")];
  const pieces = new Map([...text.querySelectorAll("[data-piece]")].map((piece) => [piece.dataset.piece, piece]));
  const silence = status.textContent;
  let lit = [...text.querySelectorAll(".lit")];
  let chosen = document.querySelector("a[data-lights][aria-current]");

  function light(link) {
    for (const piece of lit) {
      piece.classList.remove("lit");
      delete piece.dataset.level;
    }
    lit = [];
    status.textContent = link ? link.dataset.words : silence;
    for (const pair of link ? link.dataset.lights.split(" ").filter(Boolean) : []) {
      const [number, level] = pair.split(":");
      const piece = pieces.get(number);
      piece.classList.add("lit");
      piece.dataset.level = level;
      lit.push(piece);
    }
  }

  // The strongest place comes first. Only the text's own pane moves, so that the code stays under the pointer.
  function show() {
    if (lit.length && text.scrollHeight > text.clientHeight) {
      text.scrollTop += lit[0].getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
    }
  }

  function choose(link) {
    chosen?.removeAttribute("aria-current");
    chosen = link === chosen ? null : link;
    chosen?.setAttribute("aria-current", "true");
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
      if (chosen && lit.length && text.scrollHeight <= text.clientHeight) {
        lit[0].scrollIntoView({ block: "center" }); // a phone: no pane of its own, the page moves
      }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  });
  if (chosen) show();
})();
