// What this browser keeps of a coder's work until the server has it: codes, never a note's text or
// the titles of codes.
//
// There is one entry for each user and assignment: {draft, submit, seconds}. `draft` is the body of
// the newest request that keeps what is ticked, `submit` that of a press of Submit with `pressed`,
// when that was; `seconds` are those worked on a note of which nothing is ticked yet. The coder's
// own words for a code that is not listed are in it only while the server cannot be reached.
//
// Entries are named after their user and stay for that user: the next one to log in here neither
// sees nor sends them.
const PREFIX = "coderbench-desk:";
const keyOf = (user, name) => `${PREFIX}${user}:${name}`;

/** The entry of an assignment; an empty one where nothing is kept. */
export function kept(user, assignment) {
  return read(keyOf(user, assignment)) ?? {};
}

/** Keep an entry, or delete it where it is empty; false where this browser keeps nothing. */
export function keep(user, assignment, entry) {
  const key = keyOf(user, assignment);
  try {
    const some = entry.draft || entry.submit || entry.seconds;
    if (some) localStorage.setItem(key, JSON.stringify(entry));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

/** The server has a draft or an answer: forget it, unless something newer was kept meanwhile. */
export function unkeep(user, assignment, kind, body) {
  const entry = kept(user, assignment);
  const there = entry[kind];
  if (!there || there.sequence !== body.sequence || there.key !== body.key) return;
  delete entry[kind];
  keep(user, assignment, entry);
}

/** The assignments of which something is kept for this user. */
export function keptAssignments(user) {
  const mine = keyOf(user, "");
  const names = ours().filter((key) => key.startsWith(mine)).map((key) => key.slice(mine.length));
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** A setting of this user's, such as whether single keys are on. */
export function setting(user, name) {
  return read(keyOf(user, name));
}

export function keepSetting(user, name, value) {
  try {
    localStorage.setItem(keyOf(user, name), JSON.stringify(value));
  } catch {
    // it is asked for again next time
  }
}

/** After a log-out nothing of this user is left. */
export function forgetAll(user) {
  for (const key of ours()) {
    if (key.startsWith(keyOf(user, ""))) localStorage.removeItem(key);
  }
}

function ours() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
