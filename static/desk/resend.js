// Sends what this browser has kept of a user, from any page; used before a log-out.
import { keep, kept, keptAssignments } from "./kept.js";
import { ask, outcome } from "./server.js";

/** Send everything. Resolves to the number of notes of which something could not be sent. */
export async function resend(user) {
  const entries = keptAssignments(user).map((assignment) => [assignment, kept(user, assignment)]);
  entries.sort(([, one], [, other]) => pressedAt(one) - pressedAt(other));
  let unsent = 0;
  for (const [assignment, entry] of entries) {
    for (const kind of ["submit", "draft"]) {
      if (!entry[kind]) continue;
      if (await sent(assignment, kind, entry[kind])) delete entry[kind];
    }
    if (entry.submit || entry.draft) unsent += 1;
    keep(user, assignment, entry);
  }
  return unsent;
}

function pressedAt(entry) {
  return entry.submit?.pressed ?? Infinity;
}

async function sent(assignment, kind, { pressed, ...body }) {
  const reply = await ask("POST", `/code/${assignment}/${kind}/`, body);
  const became = outcome(reply);
  return became === "arrived" || became === "older"; // older: something newer is there
}
