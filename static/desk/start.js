// What a note starts with when it comes on the screen: what the server holds, and what this browser
// has kept because it could not be sent. Pure.

/**
 * `data` is the server's answer {draft, submitted, based_on}, `entry` what this browser has kept
 * {draft}. Returns
 *   state       {codes, none_applies, unlisted} to show
 *   seconds     worked so far
 *   after       the draft that this goes on from, as the server calls it; "" for none
 *   basedOn     the revision that this goes on from
 *   sequence    the number of the last draft
 *   unsent      whether `state` is still to be sent
 *   other       the server's state, where it has changed since `state` was kept: the coder is asked
 */
export function startOf(data, entry = {}) {
  const server = data.draft ?? data.submitted ?? {};
  const mine = entry.draft;
  const start = {
    state: server,
    seconds: secondsOf(data, mine),
    after: data.draft?.version ?? "",
    basedOn: data.based_on,
    sequence: Math.max(sequenceOf(data.draft), mine?.sequence ?? 0),
    unsent: false,
    other: null,
  };
  if (!mine || hasArrived(data, mine)) return start;
  // Words that are not listed are kept only while the server is away: else it has them.
  start.state = { ...mine, unlisted: mine.unlisted ?? server.unlisted ?? "" };
  start.unsent = true;
  if (!isUnchanged(data, mine)) start.other = server;
  return start;
}

function hasArrived(data, mine) {
  return data.draft?.version === `${mine.tab}:${mine.sequence}`;
}

/** Whether the server still holds what the kept draft was made from. */
function isUnchanged(data, mine) {
  if (data.based_on !== mine.based_on) return false;
  if (!data.draft) return true;
  return data.draft.version === mine.after || tabOf(data.draft) === mine.tab;
}

/** The tab that a draft is from. */
export function tabOf(draft) {
  return draft.version.slice(0, draft.version.lastIndexOf(":"));
}

function sequenceOf(draft) {
  if (!draft) return 0;
  return Number(draft.version.slice(draft.version.lastIndexOf(":") + 1)) || 0;
}

function secondsOf(data, mine) {
  const known = [data.draft, data.submitted, mine].map((each) => each?.active_seconds ?? 0);
  return Math.max(...known);
}
