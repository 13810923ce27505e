// What the server did not take, and the question that follows from it.
import { inWords } from "./answer.js";
import { question } from "./dialogs.js";
import { uniqueName } from "./server.js";

const ELSEWHERE = ["changed", "other-tab"];

export class Refusals {
  constructor(desk) {
    this.desk = desk;
  }

  hear(item, reason, data) {
    if (item.kind === "draft") this.#draft(item, reason, data);
    else if (ELSEWHERE.includes(reason)) this.#ask(item, data);
    else this.#say(`${this.#name(item)} was not taken: ${words(data)}`);
  }

  #say(said) {
    this.desk.status.notice("refused", said);
    this.desk.moving.stuck(said);
  }

  /** One of another note was kept by an earlier page: the coder is asked when that is opened. */
  #draft(item, reason, data) {
    const { coding } = this.desk;
    if (item.assignment === coding.assignment) coding.refused(item, reason, data);
  }

  /** An answer was given, and the note was changed elsewhere meanwhile: which one counts? */
  #ask(item, data) {
    const { outbox, moving } = this.desk;
    const theirs = data.draft ?? data.submitted ?? {};
    const theirWords = data.draft ? "saved elsewhere" : "submitted elsewhere";
    const mine = () => {
      const after = data.draft?.version ?? "";
      outbox.again(item, { ...item.body, key: uniqueName(), after, based_on: data.based_on });
    };
    const keepTheirs = () => {
      outbox.forget(item);
      moving.goOn();
    };
    question(
      [
        `${this.#name(item)} was changed elsewhere. Which codes count?`,
        `Submitted here: ${inWords(item.body)}`,
        `${theirWords[0].toUpperCase()}${theirWords.slice(1)}: ${inWords(theirs)}`,
      ],
      [
        ["Those submitted here", mine],
        [`Those ${theirWords}`, keepTheirs],
      ],
    );
  }

  #name({ assignment }) {
    const known = this.desk.moving.nameOf(assignment);
    return known ? `Note ${known}` : "A note";
  }
}

function words(data) {
  return data.detail ?? "the server did not say why.";
}
