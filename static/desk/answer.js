// What a coder gives one note: codes in the order of ticking, or none; and undo, many steps.
//
// Pure: nothing is shown or sent here.
const MOST_STEPS = 500;

export class Answer {
  #steps = [];

  /** From {codes, none_applies, unlisted}, as the server or this browser has kept it. */
  constructor(state = {}) {
    this.codes = [...(state.codes ?? [])];
    this.noneApplies = Boolean(state.none_applies);
    this.unlisted = state.unlisted ?? "";
  }

  has(code) {
    return this.codes.includes(code);
  }

  /** Add a code at the end. False where it is there. */
  add(code) {
    if (this.has(code)) return false;
    this.#remember(`Added ${code}`);
    this.codes.push(code);
    this.noneApplies = false;
    return true;
  }

  remove(code) {
    if (!this.has(code)) return false;
    this.#remember(`Removed ${code}`);
    this.codes = this.codes.filter((other) => other !== code);
    return true;
  }

  /** "No listed code applies", which goes with no code. False where there are codes. */
  setNone(applies) {
    if (this.noneApplies === applies || (applies && this.codes.length > 0)) return false;
    this.#remember(`${applies ? "Ticked" : "Unticked"} “No listed code applies”`);
    this.noneApplies = applies;
    return true;
  }

  /** The coder's words for codes that are not listed; typing has the browser's own undo. */
  write(words) {
    this.unlisted = words;
  }

  /** Add a code outside the list to those words, a line of its own. False where it is there. */
  writeDown(words) {
    const lines = this.unlisted.split("\n").filter((line) => line.trim());
    if (lines.includes(words)) return false;
    this.#remember(`Wrote down ${words}`);
    this.unlisted = [...lines, words].join("\n");
    return true;
  }

  /** Go back one step. Returns what was undone, in words; null at the beginning. */
  undo() {
    const step = this.#steps.pop();
    if (!step) return null;
    const { done, codes, noneApplies, unlisted } = step;
    Object.assign(this, { codes, noneApplies, unlisted });
    return done;
  }

  get canUndo() {
    return this.#steps.length > 0;
  }

  /** Whether there is something to submit. */
  get isEmpty() {
    return this.codes.length === 0 && !this.noneApplies;
  }

  /** As it is sent. */
  get state() {
    return {
      codes: [...this.codes],
      none_applies: this.noneApplies,
      unlisted: this.unlisted.trim(),
    };
  }

  #remember(done) {
    const { codes, noneApplies, unlisted } = this;
    this.#steps.push({ done, codes: [...codes], noneApplies, unlisted });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }
}

/** Whether two states say the same: the same codes in any order. */
export function sameState(one, other) {
  const codes = (state) => [...(state.codes ?? [])].sort().join(" ");
  return (
    codes(one) === codes(other) &&
    Boolean(one.none_applies) === Boolean(other.none_applies) &&
    (one.unlisted ?? "").trim() === (other.unlisted ?? "").trim()
  );
}

/** A state in words, for a question. */
export function inWords(state) {
  const words = state.none_applies ? ["no listed code applies"] : [...(state.codes ?? [])];
  if (state.unlisted?.trim()) words.push(`needed but not listed: ${state.unlisted.trim()}`);
  return words.join(", ") || "no code";
}
