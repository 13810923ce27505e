// Sends what this browser has kept of a user, from any page: the queue, and before a log-out.
import { kept, keptAssignments, unkeep } from "./kept.js";
import { ask, outcome } from "./server.js";

/** The assignments of which a draft or an answer is kept: the server may not have it. */
export function unsent(user) {
  return keptAssignments(user).filter((assignment) => {
    const { draft, submit } = kept(user, assignment);
    return draft || submit;
  });
}

/**
 * Send everything. Resolves to the assignments of which something could not be sent.
 *
 * `forgetsDrafts` false: drafts stay kept, and the note's own page forgets them when it is opened. A
 * page of it that is being loaded just now may have been made before the draft arrived.
 */
export async function resend(user, forgetsDrafts = true) {
  const entries = unsent(user).map((assignment) => [assignment, kept(user, assignment)]);
  entries.sort(([, one], [, other]) => pressedAt(one) - pressedAt(other));
  const stuck = [];
  for (const [assignment, entry] of entries) {
    let isSent = true;
    for (const kind of ["submit", "draft"]) {
      const body = entry[kind];
      if (!body) continue;
      const arrived = await sent(assignment, kind, body);
      if (arrived && (kind === "submit" || forgetsDrafts)) unkeep(user, assignment, kind, body);
      isSent &&= arrived;
    }
    if (!isSent) stuck.push(assignment);
  }
  return stuck;
}

function pressedAt(entry) {
  return entry.submit?.pressed ?? Infinity;
}

async function sent(assignment, kind, { pressed, ...body }) {
  const reply = await ask("POST", `/code/${assignment}/${kind}/`, body);
  const became = outcome(reply);
  return became === "arrived" || became === "older"; // older: something newer is there
}
