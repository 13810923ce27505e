// What this browser keeps of an answer until the server has it: codes alone, never text.
//
// There is one entry for each user and note: {codes, region, annotation, after}. `region` is the
// codes' part of the answer as Label Studio writes it; `after` has the sets of codes that the
// server may hold if nobody else has changed them.
const PREFIX = "coderbench-ticks:";
const keyOf = (user, task) => `${PREFIX}${user}:${task}`;

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

/** Numbers of the notes of which this user's ticks are kept here. */
export function keptTasks(user) {
  const mine = `${PREFIX}${user}:`;
  return ours().filter((key) => key.startsWith(mine)).map((key) => Number(key.slice(mine.length)));
}

/** Another user of this browser sees none of it. */
export function forgetOthers(user) {
  for (const key of ours()) {
    if (!key.startsWith(`${PREFIX}${user}:`)) localStorage.removeItem(key);
  }
}

function ours() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}
