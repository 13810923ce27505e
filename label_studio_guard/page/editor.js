// Label Studio's editor, as far as this page needs it: no other file knows its insides.
import { CLOCK, NONE, secondsIn, withSeconds } from "./answer.js";

/** The answer on the screen with its task, or null while Label Studio loads or sends. */
export function shown() {
  const store = window.Htx;
  const answer = store?.annotationStore?.selected;
  if (!store?.task || store.isLoading || !answer || answer.type !== "annotation") return null;
  const chooser = answer.names.get("codes");
  if (!chooser || (isTree(chooser) && chooser.loading)) return null;
  return new Editor(answer, chooser, Number(store.task.id));
}

const isTree = (chooser) => chooser.type === "taxonomy";

class Editor {
  constructor(answer, chooser, task) {
    this.answer = answer;
    this.chooser = chooser;
    this.task = task;
  }

  /** Id of the submitted answer; null before it is submitted. */
  get annotation() {
    return Number(this.answer.pk) || null;
  }

  get draft() {
    return this.answer.draftId || null;
  }

  set draft(id) {
    this.answer.setDraftId(id);
  }

  /** Codes ticked, in the order of ticking or of the list. */
  get codes() {
    const values = [...(this.chooser.result?.mainValue ?? [])];
    return isTree(this.chooser) ? values.map((path) => path[path.length - 1]) : values;
  }

  /** The coder's own words for a code that is not listed. */
  get words() {
    const field = this.answer.names.get("unlisted");
    return [...(field?.result?.mainValue ?? [])].join("\n");
  }

  /** Take words into the answer that stand in the field, but were not entered. */
  enterWords() {
    this.answer.names.get("unlisted")?.submitChanges?.();
  }

  result() {
    return this.answer.serializeAnnotation();
  }

  /** Whether the project has a place for the time; those of earlier versions have none. */
  get takesTime() {
    return this.answer.names.has(CLOCK);
  }

  /** Seconds that the answer on the screen took until it was saved or submitted. */
  get secondsBefore() {
    return secondsIn(this.result());
  }

  /** A `result` with the seconds worked, where the project has a place for them. */
  timed(result, seconds) {
    return this.takesTime ? withSeconds(result, seconds) : result;
  }

  /** What goes into a draft: what Label Studio's own page sends, and the seconds worked. */
  draftBody(leadTimeBefore, seconds) {
    const loaded = this.answer.loadedDate ?? new Date();
    return {
      result: this.timed(this.result(), seconds),
      lead_time: leadTimeBefore + (Date.now() - loaded.getTime()) / 1000,
      started_at: loaded.toISOString(),
    };
  }

  /** This page sends the drafts. Label Studio's own would be second ones, five seconds late. */
  stopAutosave() {
    this.answer.pauseAutosave();
  }

  /** Tick exactly these codes; those that the list lacks are left out. */
  setCodes(codes) {
    if (isTree(this.chooser)) {
      const paths = codes.map((code) => this.choices.get(code)?.path).filter(Boolean);
      this.chooser.onChange(null, paths);
      return;
    }
    for (const [code, { choice }] of this.choices) {
      if (choice.sel !== codes.includes(code)) choice.toggleSelected();
    }
  }

  /** What a coder reads beside the box of a code. */
  label(code) {
    return this.choices.get(code)?.label ?? code;
  }

  /** Code -> {label, choice} of a check box, or {label, path} of a name in the drop-down. */
  get choices() {
    if (this.found) return this.found;
    this.found = new Map();
    if (isTree(this.chooser)) this.collect(this.chooser.items);
    else {
      for (const choice of this.chooser.tiedChildren) {
        this.found.set(choice.alias ?? choice._value, { label: choice._value, choice });
      }
    }
    return this.found;
  }

  collect(items) {
    for (const item of items) {
      if (item.children?.length) this.collect(item.children);
      else this.found.set(item.path[item.path.length - 1], item);
    }
  }
}

/** "No listed code applies" and a code cannot both be true: the later tick wins. */
export function settled(before, now) {
  if (!now.includes(NONE) || now.length === 1) return now;
  return before.includes(NONE) ? now.filter((code) => code !== NONE) : [NONE];
}
