// Does what a key stands for (keys.js says which).
import { isDialogOpen, showGuideline, showKeys } from "./dialogs.js";
import { $ } from "./dom.js";
import { keepSetting, setting } from "./kept.js";
import { commandOf } from "./keys.js";
import { isNarrow, showPane } from "./panes.js";
import { announce } from "./status.js";

const SINGLE = "single-keys";

export class Commands {
  constructor(desk) {
    this.desk = desk;
    this.does = this.#table();
    const { user } = desk.study;
    $(SINGLE).checked = setting(user, SINGLE) ?? true;
    $(SINGLE).addEventListener("change", () => keepSetting(user, SINGLE, $(SINGLE).checked));
    document.addEventListener("keydown", (event) => this.#hear(event));
  }

  /** Words of the note become a search. */
  searchFor(words) {
    if (isNarrow()) showPane("find");
    this.desk.time.resume();
    this.desk.search.ask(words);
  }

  #hear(event) {
    if (isDialogOpen()) return;
    const command = commandOf(event, this.#where(event.target));
    if (!command) return;
    if (this.does[command]() !== false) event.preventDefault();
  }

  #where(target) {
    const { search, words } = this.desk;
    return {
      in: placeOf(target),
      empty: target.value === "",
      hasRows: search.hasRows,
      marked: words.any,
      single: $(SINGLE).checked,
    };
  }

  /** Command -> what it does; false where the browser is to do its own. */
  #table() {
    const { desk } = this;
    const { find, note, search, tabular, tray, words } = desk;
    return {
      submit: () => desk.moving.submit(),
      undo: () => desk.undo(),
      pause: () => desk.time.toggle(),
      keys: showKeys,
      guideline: showGuideline,
      "find-in-note": () => this.#findInNote(find),
      "next-section": () => this.#inNote(() => announce(note.step(1))),
      "previous-section": () => this.#inNote(() => announce(note.step(-1))),
      "page-down": () => this.#inNote(() => note.scroll(1)),
      "page-up": () => this.#inNote(() => note.scroll(-1)),
      "search-marked": () => words.search(),
      "to-search": () => this.#toSearch(),
      "empty-search": () => search.empty(),
      "next-row": () => search.step(1),
      "previous-row": () => search.step(-1),
      add: () => search.add(),
      "add-and-keep": () => search.add(undefined, true),
      "search-everywhere": () => search.searchEverywhere(),
      "to-tabular": () => tabular.focus(),
      "to-tray": () => this.#toTray(tray),
      "tabular-next": () => tabular.step(1),
      "tabular-previous": () => tabular.step(-1),
      "tabular-open": () => tabular.open(),
      "tabular-back": () => tabular.back(),
      "tabular-add": () => tabular.add(),
      "tray-next": () => tray.step(1),
      "tray-previous": () => tray.step(-1),
      "tray-remove": () => tray.removeHere(),
    };
  }

  #toSearch() {
    if (isNarrow()) showPane("find");
    this.desk.search.comeBack();
  }

  /** Where panes take turns, what a key is about comes into view. */
  #inNote(act) {
    if (isNarrow()) {
      showPane("note");
      $("note").focus({ preventScroll: true });
    }
    act();
  }

  #toTray(tray) {
    if (isNarrow() && this.desk.coding.answer.codes.length) showPane("codes");
    return tray.enter();
  }

  #findInNote(find) {
    if (isNarrow()) showPane("note");
    return find.open();
  }
}

function placeOf(target) {
  if (target.id === "search") return "search";
  if (target.closest("#tabular")) return "tabular";
  if (target.closest("#tray-list")) return "tray";
  if (target.matches("textarea, input:not([type=checkbox])")) return "text";
  if (target.closest("#note")) return "note";
  return target === document.body ? "page" : "control";
}
