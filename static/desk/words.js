// Words marked in the note lead to a search, but only by Enter or by the button beside them: what
// is marked goes nowhere before that.
import { $ } from "./dom.js";

export const LONGEST = 60;

/** Words of a note as a search takes them: blanks made one, cut after so many characters. */
export function asQuery(words) {
  const plain = words.replace(/\s+/g, " ").trim();
  if (plain.length <= LONGEST) return plain;
  const cut = plain.slice(0, LONGEST + 1);
  const blank = cut.lastIndexOf(" ");
  return blank > 0 ? cut.slice(0, blank) : plain.slice(0, LONGEST);
}

export class MarkedWords {
  /** `onSearch(words)` is called when the coder asks for it. */
  constructor(onSearch) {
    this.button = $("ask");
    this.onSearch = onSearch;
    this.words = "";
    document.addEventListener("selectionchange", () => this.#look());
    // A press would end the selection before the click.
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.search());
  }

  get any() {
    return this.words !== "";
  }

  search() {
    const words = this.words;
    document.getSelection().removeAllRanges();
    this.#hide();
    this.onSearch(words);
  }

  #look() {
    const selection = document.getSelection();
    const note = $("note");
    const inside = selection.rangeCount > 0 && note.contains(selection.anchorNode);
    const words = inside ? asQuery(selection.toString()) : "";
    if (words === "") {
      this.#hide();
      return;
    }
    this.words = words;
    const spot = selection.getRangeAt(0).getBoundingClientRect();
    const frame = note.getBoundingClientRect();
    const left = Math.max(0, Math.min(spot.left - frame.left, frame.width - 250));
    this.button.style.top = `${spot.bottom - frame.top + note.scrollTop + 6}px`;
    this.button.style.left = `${left}px`;
    $("ask-words").textContent = words;
    this.button.hidden = false;
  }

  #hide() {
    this.words = "";
    this.button.hidden = true;
    $("ask-words").textContent = "";
  }
}
