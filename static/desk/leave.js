// Logging out, on every page of a coder: what this browser has kept is sent first, then nothing of
// it is left here. Where it cannot be sent, the coder is asked.
import { question } from "./dialogs.js";
import { forgetAll } from "./kept.js";
import { resend } from "./resend.js";
import { sayLeaving, sayLeft } from "./tabs.js";

const form = document.querySelector("form[data-log-out]");
const user = form?.dataset.logOut;

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
});

async function leave() {
  await sayLeaving(user);
  const { length: unsent } = await resend(user);
  if (unsent === 0) {
    logOut();
    return;
  }
  const notes = unsent === 1 ? "one note" : `${unsent} notes`;
  question(
    [
      `Codes of ${notes} on this computer could not be sent.`,
      "The server does not answer, or a note was changed elsewhere. To log out deletes them here.",
    ],
    [
      ["Stay", () => {}],
      ["Try again", leave],
      ["Log out and lose these codes", logOut],
    ],
  );
}

function logOut() {
  forgetAll(user);
  sayLeft(user);
  form.submit();
}
