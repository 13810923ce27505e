// Runs on coders' pages in Label Studio: ticks are kept, shown, and sent before the page is left.
import { SIGNS } from "./clock.js";
import { shown } from "./editor.js";
import { forgetOthers } from "./kept.js";
import { stopMistakes } from "./mistakes.js";
import { Note } from "./note.js";
import { signedIn } from "./server.js";
import { known, learn, watch } from "./submit.js";
import { Tabs } from "./tabs.js";
import { addBar, draw, place } from "./tray.js";

const GLANCE = 250; // ms between looks at the editor, for what comes about without a click or a key
const MINUTE = 60_000;
const KEEPING = 5000; // ms between times that the seconds worked are kept
const PATIENCE = 3000; // ms that a link waits for the draft; the browser has a copy
const LATE = 1500; // ms after which Label Studio will not put in a draft any more

const user = window.APP_SETTINGS?.user?.id;
let note = null;
let incompleteSince = null;
const tabs = new Tabs(() => note);

function look() {
  const editor = shown();
  if (!editor) return;
  place();
  if (note?.editor.answer === editor.answer) note.look();
  else if (!known.has(editor.task)) learn(editor.task);
  else if (complete(editor, known.get(editor.task))) open(editor);
  else wait(editor);
}

/**
 * Whether the draft or the answer that the server has is on the screen. Label Studio shows an empty
 * answer for a moment before it puts that in.
 */
function complete(editor, server) {
  if (server.drafts.length) return editor.draft !== null;
  return !server.annotations.length || editor.annotation !== null;
}

/**
 * A draft that was sent on leaving can arrive after Label Studio has asked for the note: it is on
 * the server, and not on the screen. Load the page anew, once; after that go on with what is on the
 * screen.
 */
function wait(editor) {
  incompleteSince ??= Date.now();
  if (Date.now() - incompleteSince < LATE) return;
  const key = `coderbench-loaded-anew:${editor.task}`;
  if (sessionStorage.getItem(key)) {
    open(editor);
  } else {
    sessionStorage.setItem(key, "yes");
    incompleteSince = Date.now();
    location.reload();
  }
}

function open(editor) {
  incompleteSince = null;
  sessionStorage.removeItem(`coderbench-loaded-anew:${editor.task}`);
  clearTimeout(note?.timer);
  const clock = note?.task === editor.task ? note.clock : undefined;
  note = new Note(user, editor, known.get(editor.task), redraw, clock);
  editor.stopAutosave();
  tabs.ask();
  redraw();
}

function redraw() {
  const { editor } = note;
  draw(note, (code) => {
    editor.setCodes(editor.codes.filter((each) => each !== code));
    look();
  });
}

/** Follow a link of the bar when the draft has arrived, or when that takes too long. */
async function leave(address) {
  await Promise.race([send(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  location.assign(address);
}

function send() {
  if (!note?.active) return Promise.resolve();
  note.editor.enterWords();
  look();
  return note.save();
}

/** Words are not kept in the browser: ask before they are lost. */
function warn(event) {
  if (note?.active && note.words !== note.server.words && note.state.bad) event.preventDefault();
}

/** The tab was left, or is there again. */
function turned() {
  if (document.hidden) {
    note?.clock.hide();
    note?.storeSeconds();
    send();
  } else {
    note?.clock.show();
    checkSession();
  }
}

async function checkSession() {
  if (!note?.active || document.hidden || !note.session) return;
  note.session = await signedIn();
  if (!note.session) note.ended();
}

if (user) {
  forgetOthers(user);
  stopMistakes();
  watch(() => note);
  addBar(leave);
  setInterval(look, GLANCE);
  for (const kind of ["click", "change", "keyup"]) window.addEventListener(kind, look);
  document.addEventListener("focusout", (event) => {
    if (event.target.closest?.(".cb-codes form")) note?.editor.enterWords();
  });
  for (const kind of SIGNS) {
    window.addEventListener(kind, () => note?.clock.touch(), { capture: true, passive: true });
  }
  window.addEventListener("pagehide", () => {
    note?.storeSeconds();
    send();
  });
  window.addEventListener("beforeunload", warn);
  document.addEventListener("visibilitychange", turned);
  setInterval(checkSession, MINUTE);
  setInterval(() => note?.storeSeconds(), KEEPING);
}
