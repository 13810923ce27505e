// The queue: G goes on with the study in hand; what this browser still keeps is sent, and said where
// it cannot be.
import { kept, setting } from "./desk/kept.js";
import { resend, unsent } from "./desk/resend.js";

const { user } = document.querySelector(".my-queue").dataset;

async function sendWhatIsKept() {
  const waiting = unsent(user);
  if (!waiting.length) return;
  const withAnswers = waiting.some((assignment) => kept(user, assignment).submit);
  const stuck = await resend(user, false);
  if (stuck.length) say(stuck);
  else if (withAnswers) location.reload(); // the list was made before they were sent
}

function say(stuck) {
  const notice = document.getElementById("kept-here");
  if (!notice) return;
  notice.querySelector("span").textContent = stuck.length;
  notice.querySelector("a").href = `/code/${stuck[0]}/`;
  notice.hidden = false;
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "g" || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (setting(user, "single-keys") === false) return;
  document.getElementById("go-on")?.click();
});

sendWhatIsKept();
