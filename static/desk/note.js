// The note on the screen: its sections, the list to jump by, and scrolling.
import { $, attributes, make } from "./dom.js";
import { unwrapped, wrappedAt } from "./reflow.js";
import { widthOf } from "./rows.js";
import { sectionsOf } from "./sections.js";

const MASKED = /\[\*\*[\s\S]{0,200}?\*\*\]/g;
const PAGE = 0.85; // of the pane, for Page Up and Page Down

export class NotePane {
  #text = "";
  #links = [];
  #here = 0;
  #fits = true; // whether the lines of the text fit as they are

  /** `onText()` is called whenever the text on the screen is built anew. */
  constructor(onText) {
    this.pane = $("note");
    this.onText = onText;
    this.pane.addEventListener("scroll", () => this.#follow(), { passive: true });
    $("jump").addEventListener("click", (event) => this.#jumped(event));
    new ResizeObserver(() => this.#resized()).observe(this.pane);
  }

  show(text) {
    this.#text = text;
    this.#build();
    this.pane.scrollTop = 0;
    $("jump").scrollTo(0, 0);
    this.#mark(0);
  }

  /** The pieces of text on the screen, one node each. */
  get nodes() {
    const parts = [...this.pane.querySelectorAll("h3, pre")];
    return parts.map((part) => part.firstChild).filter(Boolean);
  }

  scroll(direction) {
    this.pane.scrollBy({ top: direction * PAGE * this.pane.clientHeight });
  }

  /** One section further, or back. Returns its name. */
  step(direction) {
    const at = Math.max(0, Math.min(this.#links.length - 1, this.#here + direction));
    this.#go(at);
    return this.#links[at]?.textContent ?? "";
  }

  /** Bring a place of the text into view. */
  reveal(range) {
    const place = range.getBoundingClientRect();
    const pane = this.pane.getBoundingClientRect();
    if (place.top >= pane.top + 40 && place.bottom <= pane.bottom - 20) return;
    this.pane.scrollTop += place.top - pane.top - pane.height / 3;
  }

  #resized() {
    if (this.#fits !== this.#hasRoom()) this.#build();
  }

  /** Whether the lines of the note, as they were broken by hand, fit into the pane. */
  #hasRoom() {
    const { fontFamily, fontSize } = getComputedStyle(this.pane);
    const letter = widthOf("x".repeat(100), parseFloat(fontSize), fontFamily) / 100;
    const room = this.pane.clientWidth - 2 * 16;
    if (room <= 0) return this.#fits; // another pane is shown
    return wrappedAt(this.#text) * letter <= room;
  }

  #build() {
    const sections = sectionsOf(this.#text);
    this.#fits = this.#hasRoom();
    const parts = sections.map((section, number) => this.#section(section, number));
    this.pane.querySelectorAll("section").forEach((section) => section.remove());
    this.pane.append(...parts);
    this.#links = sections.map(({ label }, number) =>
      make("a", { href: `#section-${number}`, textContent: label }),
    );
    $("jump-list").replaceChildren(...this.#links.map((link) => make("li", {}, link)));
    $("jump").hidden = sections.length < 2;
    highlightMasked(this.nodes);
    this.#mark(Math.min(this.#here, sections.length - 1));
    this.onText();
  }

  #section({ title, text }, number) {
    const body = this.#fits ? text : unwrapped(text);
    const section = make("section", { id: `section-${number}` });
    if (title) section.append(make("h3", { textContent: title }));
    if (body) section.append(make("pre", { textContent: body }));
    return section;
  }

  #jumped(event) {
    const at = this.#links.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault(); // the address stays the note's
    this.#go(at);
  }

  #go(at) {
    const section = $(`section-${at}`);
    if (!section) return;
    this.pane.scrollTop = section.offsetTop;
    this.#mark(at);
  }

  #follow() {
    const top = this.pane.scrollTop + 10;
    const sections = [...this.pane.querySelectorAll("section")];
    const below = sections.findIndex((section) => section.offsetTop > top);
    this.#mark(below < 0 ? sections.length - 1 : Math.max(0, below - 1));
  }

  #mark(at) {
    if (this.#links[this.#here]) attributes(this.#links[this.#here], { "aria-current": null });
    this.#here = at;
    const link = this.#links[at];
    if (!link) return;
    attributes(link, { "aria-current": "true" });
    const list = $("jump");
    if (list.scrollWidth > list.clientWidth) {
      list.scrollLeft = link.offsetLeft - list.clientWidth / 3;
      return;
    }
    const below = link.offsetTop - list.scrollTop;
    if (below < 0 || below > list.clientHeight - 30) {
      list.scrollTop = link.offsetTop - list.clientHeight / 2;
    }
  }
}

/** Names and dates that were masked stand back. A browser without highlights shows them plain. */
function highlightMasked(nodes) {
  if (!CSS.highlights) return;
  const ranges = nodes.flatMap((node) => rangesOf(node, MASKED));
  CSS.highlights.set("masked", new Highlight(...ranges));
}

/** The places of a text node that a pattern is found at. */
export function rangesOf(node, pattern) {
  return [...node.data.matchAll(pattern)].map((match) => {
    const range = document.createRange();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].length);
    return range;
  });
}
