// Watches Label Studio's requests when a coder presses Submit or Update: nothing is overwritten
// unseen, and the coder is told what did not arrive.
import { codesIn, inWords } from "./answer.js";
import { question } from "./dialog.js";
import { forget, forgetSeconds } from "./kept.js";
import { ask, plainFetch, worked } from "./server.js";

/** Header: when the answer on the screen was changed last. The guard refuses to change another. */
const BASED_ON = "X-Coderbench-Based-On";
const ANSWER = /^\/api\/(tasks\/\d+\/annotations|annotations\/\d+)\/?$/;
const TASK = /^\/api\/tasks\/(\d+)\/?$/;

/** What the server said of each note when it was loaded: its drafts and answers, not its text. */
export const known = new Map();
let asking = null;

/** Look at each request of the page; `held()` gives the note on the screen, or null. */
export function watch(held) {
  window.fetch = async (input, init = {}) => {
    const method = (init.method ?? input.method ?? "GET").toUpperCase();
    const { pathname } = new URL(input.url ?? input, location.href);
    if (ANSWER.test(pathname) && method !== "GET" && held()) return answer(held(), input, init);
    const response = await plainFetch(input, init);
    const task = method === "GET" && response.ok && TASK.exec(pathname);
    if (task) remember(Number(task[1]), await response.clone().json());
    return response;
  };
}

/** Ask for a note that `watch` has not seen: Label Studio may load one before this script runs. */
export async function learn(task) {
  if (asking === task) return;
  asking = task;
  const reply = await ask("GET", `/api/tasks/${task}/`);
  if (worked(reply) && !known.has(task)) remember(task, reply.data);
  asking = null;
}

function remember(task, { drafts, annotations }) {
  known.set(task, { drafts: drafts ?? [], annotations: annotations ?? [] });
}

async function answer(note, input, init) {
  if (!note.active) return notSent(409, "This note is open in another tab.");
  await note.settle();
  const headers = new Headers(init.headers);
  if (note.version) headers.set(BASED_ON, note.version);
  const body = timed(note, init.body);
  const response = await plainFetch(input, { ...init, headers, body }).catch(() => null);
  const data = await response?.clone().json().catch(() => null);
  const reply = { status: response?.status ?? 0, data };
  if (worked(reply)) note.submitted(reply.data);
  else if (reply.status === 409) return conflict(note);
  else await note.notSubmitted(reply);
  // A request that fails outright would make Label Studio empty its page.
  return response ?? notSent(503, "Label Studio does not answer.");
}

/** What Label Studio sends with Submit, with the seconds worked. */
function timed(note, body) {
  if (typeof body !== "string") return body;
  const given = JSON.parse(body);
  if (!given.result) return body;
  return JSON.stringify({ ...given, result: note.editor.timed(given.result, note.clock.seconds) });
}

/** An answer to Label Studio's request, which was not sent. */
function notSent(status, detail) {
  const headers = { "Content-Type": "application/json" };
  return new Response(JSON.stringify({ detail }), { status, headers });
}

/** This note was submitted meanwhile in another tab or elsewhere: the coder says what counts. */
async function conflict(note) {
  const mine = note.codes;
  const { data } = await ask("GET", `/api/tasks/${note.task}/`);
  const theirs = data?.annotations?.[0];
  if (!theirs) {
    await note.notSubmitted({ status: 503, data: null });
    return notSent(503, "Label Studio does not answer.");
  }
  note.active = false;
  const reload = () => location.reload();
  const done = () => {
    forget(note.user, note.task);
    forgetSeconds(note.user, note.task);
    reload();
  };
  const replace = async () => {
    const { result, lead_time } = note.editor.draftBody(note.leadTime, note.clock.seconds);
    const body = { result, lead_time };
    const headers = { [BASED_ON]: theirs.updated_at };
    const reply = await ask("PATCH", `/api/annotations/${theirs.id}/`, body, headers);
    if (worked(reply)) {
      done();
      return;
    }
    question("That did not arrive. Your ticks are kept on this computer.", [
      ["Open the note again", reload],
    ]);
  };
  const drop = async () => {
    if (note.draft) await ask("DELETE", `/api/drafts/${note.draft}/`);
    done();
  };
  question(
    [
      "This note was submitted meanwhile, in another tab or on another computer.",
      `Submitted: ${inWords(codesIn(theirs.result))}`,
      `Ticked here: ${inWords(mine)}`,
    ],
    [
      ["Keep what was submitted", drop],
      ["Replace it by what is ticked here", replace],
    ],
  );
  return new Promise(() => {}); // both ways load the page anew
}
