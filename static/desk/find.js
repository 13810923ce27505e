// Find in the note: the box above it. Marks are highlights, which add nothing to the page; a
// browser without them selects the place instead.
import { $, write } from "./dom.js";
import { rangesOf } from "./note.js";

const SHORTEST = 2;
const MOST = 1000;

export class FindInNote {
  #places = [];
  #at = 0;

  constructor(note) {
    this.note = note;
    this.box = $("in-note");
    this.box.addEventListener("input", () => this.look());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#go(this.#at + (event.shiftKey ? -1 : 1));
    });
  }

  /** Go to the box; false where the cursor is in it, so that the browser's own search opens. */
  open() {
    if (document.activeElement === this.box) return false;
    this.box.focus();
    this.box.select();
    return true;
  }

  clear() {
    this.box.value = "";
    this.look();
  }

  /** Other words are in the box, or another note is on the screen: begin at the first place. */
  look() {
    this.#search();
    this.#go(0, false);
  }

  /** The note was laid out anew: mark the same places; what is being read stays where it is. */
  again() {
    this.#search();
    this.#show(this.#at);
  }

  #search() {
    const pattern = patternOf(this.box.value);
    const found = pattern ? this.note.nodes.flatMap((node) => rangesOf(node, pattern)) : [];
    this.#places = found.slice(0, MOST);
    CSS.highlights?.set("found", new Highlight(...this.#places));
  }

  #go(number, select = true) {
    const here = this.#show(number);
    if (!here) return;
    this.note.reveal(here);
    if (CSS.highlights || !select) return;
    document.getSelection().removeAllRanges();
    document.getSelection().addRange(here);
  }

  /** Mark one of the places; returns it. */
  #show(number) {
    const many = this.#places.length;
    this.#at = many ? (number + many) % many : 0;
    const here = this.#places[this.#at];
    const words = many ? `${this.#at + 1} of ${many}` : "0 of 0";
    write($("in-note-count"), this.box.value.trim().length >= SHORTEST ? words : "");
    CSS.highlights?.set("found-here", here ? new Highlight(here) : new Highlight());
    return here;
  }
}

/** What to look for: any case, a blank stands for blanks and line ends. Null for too little. */
export function patternOf(words) {
  const plain = words.trim();
  if (plain.length < SHORTEST) return null;
  const parts = plain.split(/\s+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join("\\s+"), "gi");
}
