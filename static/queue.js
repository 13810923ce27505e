// The queue: G goes on with the study in hand, and what this browser still keeps is said.
// static/desk/kept.js keeps both the setting and the ticks, by user and assignment.

const queue = document.querySelector(".my-queue");
const prefix = `coderbench-desk:${queue.dataset.user}:`;

function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(prefix + name));
  } catch {
    return null;
  }
}

/** The assignments of which this browser keeps ticks that the server does not have. */
function notSent() {
  let names = [];
  try {
    names = Object.keys(localStorage);
  } catch {
    return [];
  }
  const mine = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return mine.filter((name) => /^\d+$/.test(name) && (kept(name)?.draft || kept(name)?.submit));
}

function sayWhatIsKept() {
  const notice = document.getElementById("kept-here");
  const waiting = notSent();
  if (!notice || !waiting.length) return;
  notice.querySelector("span").textContent = waiting.length;
  notice.querySelector("a").href = `/code/${waiting[0]}/`;
  notice.hidden = false;
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "g" || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (kept("single-keys") === false) return;
  document.getElementById("go-on")?.click();
});

sayWhatIsKept();
