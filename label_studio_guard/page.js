// Runs on coders' pages in Label Studio: the way back to the queue, and three guards against codes ticked by mistake.
(() => {
  "use strict";
  const queue = "QUEUE_URL";
  const NONE = "no-listed-code", NONE_TITLE = "No listed code applies";

  // Enter in the Filter would tick its first match without a word.
  const stopEnter = (event) => {
    if (event.key !== "Enter" || !event.target.closest) return;
    const inCodes = event.target.closest(".cb-codes");
    const inUnlisted = event.target.closest("form");
    if (event.target.tagName === "INPUT" && inCodes && !inUnlisted) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  for (const kind of ["keydown", "keypress", "keyup"]) window.addEventListener(kind, stopEnter, true);

  // "No listed code applies" and a code cannot both be true: the later tick wins.
  const isNone = (box) => (box.closest("label") || box.parentElement).textContent.trim().startsWith(NONE_TITLE);
  let busy = false;
  document.addEventListener("change", (event) => {
    const box = event.target;
    const list = box.closest && box.closest(".cb-list");
    if (busy || !list || box.type !== "checkbox" || !box.checked) return;
    busy = true;
    for (const other of list.querySelectorAll("input:checked")) {
      if (other !== box && isNone(other) !== isNone(box)) other.click();
    }
    busy = false;
  });

  const addBar = () => {
    if (document.getElementById("cb-bar")) return;
    const bar = document.createElement("nav");
    bar.id = "cb-bar";
    bar.setAttribute("aria-label", "Coderbench");
    bar.style.cssText = "position:fixed;right:1rem;top:.6rem;z-index:9999;font:14px sans-serif;display:flex;gap:.5rem";
    for (const [text, href] of [["Back to my queue", queue], ["Code next note", queue + "next/"]]) {
      const link = document.createElement("a");
      link.textContent = text;
      link.href = href;
      link.style.cssText = "background:#1f4e79;color:#fff;padding:.3rem .8rem;border-radius:4px;text-decoration:none";
      bar.append(link);
    }
    document.body.append(bar);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addBar);
  else addBar();
})();
