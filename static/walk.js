// A note's page: J and K lead through the list that it was opened from, as its links do.
import { setting } from "./desk/kept.js";

const { user } = document.querySelector(".walk").dataset;
const LINKS = { j: "following", k: "previous" };

document.addEventListener("keydown", (event) => {
  const link = document.getElementById(LINKS[event.key.toLowerCase()]);
  if (!link || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (setting(user, "single-keys") === false) return;
  link.click();
});
