// The keys of the coding page: which key does what where, and the same as a table to read. Pure.

/**
 * Groups of the dialog that `?` opens. "mod" is Ctrl, on a Mac the command key; "alt" is Alt, on a
 * Mac the option key.
 */
export const TABLE = [
  {
    title: "Finding a code",
    keys: [
      [["/"], "Go to the search box, from anywhere but a text box"],
      [["↑", "↓"], "Move through what was found"],
      [["Enter"], "Add the code and empty the box"],
      [["Shift", "Enter"], "Add the code and keep the search"],
      [["Enter"], "With nothing found: search the whole code system"],
      [["Tab"], "Go into the tabular list, to the fifth digit"],
      [["Esc"], "Empty the box, or come back to it"],
    ],
  },
  {
    title: "Tabular list",
    keys: [
      [["↑", "↓"], "Move through a level"],
      [["→"], "Open what is below: chapter, category, fifth digit"],
      [["←"], "Back to what is above"],
      [["Enter"], "Add the code in hand"],
    ],
  },
  {
    title: "My codes",
    keys: [
      [["↓"], "From an empty box into my codes"],
      [["Delete"], "Remove the code in hand"],
      [["mod", "Z"], "Undo the last change, many steps"],
      [["mod", "Enter"], "Submit and open the next note"],
    ],
  },
  {
    title: "Reading the note",
    keys: [
      [["Page Up", "Page Down"], "Scroll the note without leaving the search box"],
      [["alt", "↑", "↓"], "Section before, section after"],
      [["mod", "F"], "Find in the note; pressed twice, the browser's own search"],
      [["Enter"], "With words of the note marked: search codes for them"],
    ],
  },
  {
    title: "Page",
    keys: [
      [["?", "F1"], "These keys"],
      [["alt", "P"], "Pause, and go on"],
      [["alt", "G"], "The guideline"],
    ],
  },
];

/** A key of the table as it is called on this computer. */
export function nameOf(key, mac) {
  if (key === "mod") return mac ? "⌘" : "Ctrl";
  if (key === "alt") return mac ? "⌥" : "Alt";
  return key;
}

/**
 * The command that a key stands for, or null. `at` says where the cursor is:
 *   in        "search", "tabular", "tray", "text" (another text box), "control", "note" or "page"
 *   empty     whether that text box is empty
 *   hasRows   whether the search has found something
 *   marked    whether words of the note are marked
 *   single    whether keys without Ctrl or Alt are on
 */
export function commandOf(event, at) {
  if (event.isComposing) return null;
  const control = (event.ctrlKey || event.metaKey) && !event.altKey;
  const alt = event.altKey && !event.ctrlKey && !event.metaKey;
  if (control) return withControl(event, at);
  if (alt) return withAlt(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return local(event, at) ?? anywhere(event, at);
}

function withControl(event, at) {
  const letter = event.key.toLowerCase();
  // A key that is held would submit the next note, unread, where it was begun before.
  if (event.key === "Enter") return event.repeat ? null : "submit";
  if (event.shiftKey) return null;
  if (letter === "f") return "find-in-note";
  const typing = at.in === "text" || (at.in === "search" && !at.empty);
  if (letter === "z" && !typing) return "undo";
  return null;
}

function withAlt(event) {
  if (event.shiftKey) return null;
  // Alt with a letter gives other characters on a Mac: the place of the key counts.
  if (event.code === "KeyP") return "pause";
  if (event.code === "KeyG") return "guideline";
  if (event.key === "ArrowDown") return "next-section";
  if (event.key === "ArrowUp") return "previous-section";
  return null;
}

const LOCAL = { search: inSearch, tabular: inTabular, tray: inTray, text: inText };

function local(event, at) {
  return LOCAL[at.in]?.(event, at) ?? null;
}

function inSearch(event, at) {
  const { key, shiftKey } = event;
  if (key === "PageDown") return "page-down";
  if (key === "PageUp") return "page-up";
  if (key === "Escape") return "empty-search";
  if (key === "?" && at.empty && at.single) return "keys";
  if (key === "Tab" && !shiftKey && (at.empty || at.hasRows)) return "to-tabular";
  if (key === "ArrowDown") return at.hasRows ? "next-row" : "to-tray";
  if (key === "ArrowUp" && at.hasRows) return "previous-row";
  if (key !== "Enter" || at.empty) return null;
  if (!at.hasRows) return "search-everywhere";
  return shiftKey ? "add-and-keep" : "add";
}

function inTabular({ key }) {
  const commands = {
    ArrowDown: "tabular-next",
    ArrowUp: "tabular-previous",
    ArrowRight: "tabular-open",
    ArrowLeft: "tabular-back",
    Enter: "tabular-add",
  };
  return commands[key] ?? null;
}

function inTray({ key }) {
  const commands = {
    ArrowDown: "tray-next",
    ArrowUp: "tray-previous",
    Delete: "tray-remove",
    Backspace: "tray-remove",
  };
  return commands[key] ?? null;
}

function inText({ key }) {
  return key === "Escape" ? "to-search" : null;
}

function anywhere(event, at) {
  const { key } = event;
  if (key === "F1") return "keys";
  if (at.in === "search" || at.in === "text") return null;
  if (key === "Escape") return "to-search";
  const reading = at.in === "note" || at.in === "page";
  if (key === "Enter" && at.marked && reading) return "search-marked";
  if (!at.single) return null;
  if (key === "/") return "to-search";
  if (key === "?") return "keys";
  return null;
}
