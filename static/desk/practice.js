// Practice notes: the same page, but nothing is kept or counted. After Submit the hospital's codes
// stand beside the coder's own.
import { $, counted, make, write } from "./dom.js";
import { ask, outcome } from "./server.js";

/** Stands in for the outbox where nothing is to be kept. */
export const NO_OUTBOX = {
  draft() {},
  withdraw() {},
  submit() {},
  now() {},
  restore() {},
  hasDraft: () => false,
  isSubmitting: () => false,
  waiting: [],
  state: "up",
};

/** Hand a practice note in. {reference, yours}, or null where the server does not answer. */
export async function handIn(address, body) {
  const reply = await ask("POST", address, body);
  return outcome(reply) === "arrived" ? reply.data : null;
}

/** {found, missed, added}: codes of both, of the hospital alone, of the coder alone. */
export function compared(reference, yours) {
  const theirs = new Set(reference.map(({ code }) => code));
  const own = new Set(yours.map(({ code }) => code));
  return {
    found: reference.filter(({ code }) => own.has(code)),
    missed: reference.filter(({ code }) => !own.has(code)),
    added: yours.filter(({ code }) => !theirs.has(code)),
  };
}

/** Show the comparison. `codes` knows the titles of what is listed. */
export function showComparison({ reference, yours }, codes) {
  const entry = (code) => (typeof code === "string" ? { code } : code);
  const groups = compared(reference.map(entry), yours.map(entry));
  const titles = {
    found: "Found: the hospital gave them as well",
    missed: "Missed: the hospital gave them",
    added: "Added: the hospital did not give them",
  };
  const parts = Object.entries(groups).map(([kind, list]) => {
    const rows = list.map(({ code, title }) => row(code, title ?? codes.get(code)?.title ?? ""));
    const none = make("p", { className: "muted", textContent: "None" });
    const head = make("h3", { textContent: `${titles[kind]} · ${list.length}` });
    return make("section", { className: `group-${kind}` }, head, rows.length ? make("ul", {}, ...rows) : none);
  });
  $("comparison-groups").replaceChildren(...parts);
  const { found, missed, added } = groups;
  write(
    $("comparison-words"),
    `${counted(found.length, "code")} found, ${missed.length} missed, ${added.length} added.`,
  );
  $("comparison").showModal();
}

function row(code, title) {
  return make("li", {}, make("span", { className: "code", textContent: code }), " ", title);
}
