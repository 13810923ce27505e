// Runs on coders' pages in Label Studio: the way back to the queue, and three guards against codes ticked by mistake.
(() => {
  "use strict";
  const queue = "QUEUE_URL";
  const NONE_TITLE = "No listed code applies";

  // Enter in the Filter would tick its first match without a word.
  const stopEnter = (event) => {
    if (event.key !== "Enter" || !event.target.closest) return;
    const inCodes = event.target.closest(".cb-codes, .ant-select-dropdown");
    const inUnlisted = event.target.closest("form");
    if (event.target.tagName === "INPUT" && inCodes && !inUnlisted) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  for (const kind of ["keydown", "keypress", "keyup"]) window.addEventListener(kind, stopEnter, true);

  // "No listed code applies" and a code cannot both be true: the later tick wins. Label Studio takes a clicked box off the
  // page and puts up another, so look before it does, and look the boxes up anew afterwards.
  const settle = (last) => {
    const ticked = [...document.querySelectorAll(".cb-list input[type=checkbox]:checked")];
    if (!ticked.some((box) => box.name === last)) return;
    for (const box of ticked) if ((box.name === NONE_TITLE) !== (last === NONE_TITLE)) box.click();
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (event.isTrusted && box.type === "checkbox" && box.closest(".cb-list")) setTimeout(settle, 100, box.name);
  }, true);

  // What is left of Label Studio around the note and the codes: other notes' list, panels, menus that answer 403.
  const HIDDEN = [
    ".lsf-label-view__table", ".lsf-sidepanels__wrapper", ".lsf-topbar", ".lsf-menu-header__trigger", ".lsf-breadcrumbs",
    ".lsf-menu-header__hotkeys", ".lsf-menu-header__user", "[class*=themeToggle]", ".lsf-menu-header a[href*=settings]",
  ];
  const STYLE = `${HIDDEN.join(",")} { display: none !important }
    .lsf-label-view__lsf-wrapper { width: 100% } .lsf-sidepanels { padding-right: 0 !important }
    #cb-bar { position: fixed; left: 1rem; top: .55rem; z-index: 1001; display: flex; gap: .5rem; font: 14px sans-serif }
    #cb-bar a { background: #1f4e79; color: #fff; padding: .4rem .8rem; border-radius: 4px; text-decoration: none }`;

  const addBar = () => {
    if (document.getElementById("cb-bar")) return;
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    const bar = document.createElement("nav");
    bar.id = "cb-bar";
    bar.setAttribute("aria-label", "Coderbench");
    for (const [text, href] of [["Back to my queue", queue], ["Code next note", queue + "next/"]]) {
      const link = document.createElement("a");
      link.textContent = text;
      link.href = href;
      bar.append(link);
    }
    document.body.append(bar);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addBar);
  else addBar();
})();
