// The page that a log-out passes through: what this browser keeps of this user is sent, then it is
// deleted from the browser.
import { codesIn, sameCodes, withRegion, withSeconds } from "./answer.js";
import { question } from "./dialog.js";
import { kept, keptSeconds, keptTasks } from "./kept.js";
import { ask, sendDraft, worked } from "./server.js";
import { sayLeft } from "./tabs.js";

const { user, back } = document.body.dataset;
const SECONDS = 8; // a server that takes longer than this does not answer

async function leave() {
  const tasks = keptTasks(user);
  const sending = tasks.map((task) => Promise.race([send(task), after(SECONDS)]));
  const outcomes = await Promise.all(sending);
  const unsent = outcomes.filter((sent) => !sent).length;
  if (!unsent) return done();
  const notes = unsent === 1 ? "one note" : `${unsent} notes`;
  return question(
    `Ticks of ${notes} on this computer could not be sent: ` +
      "Label Studio does not answer, or the note was changed elsewhere.",
    [
      ["Try again", leave],
      ["Log out and lose these ticks", done],
    ],
  );
}

/** False, after so many seconds. */
const after = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000, false));

/**
 * Send what is kept of one note as its draft. False where it did not arrive, or would hide what was
 * saved elsewhere.
 */
async function send(task) {
  const entry = kept(user, task);
  const reply = await ask("GET", `/api/tasks/${task}/`);
  if (!worked(reply)) return false;
  const draft = reply.data.drafts[0];
  const annotation = reply.data.annotations[0];
  const result = (draft ?? annotation)?.result ?? [];
  const saved = codesIn(result);
  if (sameCodes(saved, entry.codes)) return true;
  if (!entry.after.some((codes) => sameCodes(codes, saved))) return false;
  const seconds = keptSeconds(user, task);
  const ticked = withRegion(result, entry.region);
  const timed = seconds ? withSeconds(ticked, seconds) : ticked;
  const body = { result: timed, lead_time: draft?.lead_time ?? 0 };
  return worked(await sendDraft({ task, annotation: annotation?.id, draft: draft?.id, body }));
}

async function done() {
  localStorage.clear();
  sessionStorage.clear();
  sayLeft(Number(user));
  await ask("POST", "/guard/left");
  location.replace(back);
}

leave();
