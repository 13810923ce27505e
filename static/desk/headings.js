// What stands above a note: its name, how far the coder is, her pace, and how long it is.
import { $, write } from "./dom.js";

export function showHeadings(data) {
  document.title = `Note ${data.position} of ${data.total} · Coderbench`;
  write($("note-id"), data.note_id);
  write($("position"), `${data.position} of ${data.total}`);
  showProgress(data);
  const words = data.text.split(/\s+/).filter(Boolean).length;
  const letters = `${data.text.length.toLocaleString("en")} characters`;
  write($("note-size"), `${letters} · ${words.toLocaleString("en")} words`);
  write($("pace"), data.pace ? `${Math.max(1, Math.round(data.pace))} min a note today` : "");
  $("synthetic").hidden = !data.synthetic;
}

export function showProgress({ done, total }) {
  $("progress").max = total;
  $("progress").value = done;
}
