// The queue: G goes on with the study in hand. It is off where the coder has switched single keys
// off on our coding page (static/desk/kept.js keeps that setting).

function singleKeysAreOn(user) {
  try {
    return localStorage.getItem(`coderbench-desk:${user}:single-keys`) !== "false";
  } catch {
    return true;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "g" || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const queue = document.querySelector(".my-queue");
  if (!queue || !singleKeysAreOn(queue.dataset.user)) return;
  document.getElementById("go-on")?.click();
});
