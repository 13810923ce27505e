// The note after the one on the screen is fetched ahead. It is kept in memory alone.
import { outcome } from "./server.js";

export class Ahead {
  #ready = null; // the server's answer for the next note
  #preparing = 0;

  /** `fetchNote(assignment, isAhead)` resolves to {status, data}. */
  constructor(fetchNote) {
    this.fetchNote = fetchNote;
  }

  /**
   * Fetch the note after `current`. `next` is what the server called so; where it may be old, it is
   * null and asked for.
   */
  async prepare(current, next = null) {
    this.#ready = null;
    this.#preparing += 1;
    const mine = this.#preparing;
    let following = next;
    if (following === null) {
      const again = await this.fetchNote(current);
      following = outcome(again) === "arrived" ? again.data.next : null;
    }
    if (following === null || following === current || mine !== this.#preparing) return;
    const reply = await this.fetchNote(following, true);
    if (mine === this.#preparing && outcome(reply) === "arrived") this.#ready = reply.data;
  }

  /** The next note, if it is here; it is taken once. */
  take() {
    const data = this.#ready;
    this.#ready = null;
    this.#preparing += 1;
    return data;
  }
}
