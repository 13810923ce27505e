// What this browser keeps of an answer until the server has it: codes alone, never text.
//
// There is one entry for each user and note: {codes, region, annotation, after}. `region` is the
// codes' part of the answer as Label Studio writes it; `after` has the sets of codes that the
// server may hold if nobody else has changed them.
//
// And one of the seconds worked on a note that is not submitted, so that a reload goes on.
const PREFIX = "coderbench-ticks:";
const CLOCK = "coderbench-clock:";
const keyOf = (user, task) => `${PREFIX}${user}:${task}`;
const clockOf = (user, task) => `${CLOCK}${user}:${task}`;

/** Keep an entry; false where the browser keeps nothing. */
export function keep(user, task, entry) {
  try {
    localStorage.setItem(keyOf(user, task), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function kept(user, task) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(user, task)));
  } catch {
    return null;
  }
}

export function forget(user, task) {
  try {
    localStorage.removeItem(keyOf(user, task));
  } catch {
    // a browser that keeps nothing has nothing to forget
  }
}

export function keepSeconds(user, task, seconds) {
  try {
    localStorage.setItem(clockOf(user, task), String(seconds));
  } catch {
    // a browser that keeps nothing: the time of this page counts
  }
}

/** Seconds worked on a note, as this browser has kept them; 0 where it has not. */
export function keptSeconds(user, task) {
  try {
    return Number(localStorage.getItem(clockOf(user, task))) || 0;
  } catch {
    return 0;
  }
}

export function forgetSeconds(user, task) {
  try {
    localStorage.removeItem(clockOf(user, task));
  } catch {
    // a browser that keeps nothing has nothing to forget
  }
}

/** Numbers of the notes of which this user's ticks are kept here. */
export function keptTasks(user) {
  const mine = `${PREFIX}${user}:`;
  return ours().filter((key) => key.startsWith(mine)).map((key) => Number(key.slice(mine.length)));
}

/** Another user of this browser sees none of it. */
export function forgetOthers(user) {
  for (const key of ours()) {
    const mine = key.startsWith(`${PREFIX}${user}:`) || key.startsWith(`${CLOCK}${user}:`);
    if (!mine) localStorage.removeItem(key);
  }
}

function ours() {
  try {
    const keys = Object.keys(localStorage);
    return keys.filter((key) => key.startsWith(PREFIX) || key.startsWith(CLOCK));
  } catch {
    return [];
  }
}
