// Runs in every document of the browser that is measured: when is what on the screen?
//
// Times are ms since 1970 by the clock of `performance`, which the documents of a browser share.
window.bench = (() => {
  const NOTE = 5000; // characters; a note of 1,500 words has more
  const CODES = 4000;
  const LIMIT = 180_000; // ms

  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const count = (selector) => document.querySelectorAll(selector).length;
  const textOf = (selector) => $(selector)?.textContent ?? "";
  const now = () => performance.timeOrigin + performance.now();
  const numberOf = (label) => label.split(" ")[0];

  // What each interface shows. `usable()`: the note is there and a code can be searched, where there
  // is a search. `next()`: makes a check whether another note than now is so, nothing ticked.
  // `found(words)`: a check whether the results of these words are there. `ticked(code)`: a check
  // whether the tick shows. `rows`, `area`: where results are, to tell those in view.
  const TEXT = ".lsf-richtext";
  const labelStudio = {
    isReady: () => window.Htx?.task && !window.Htx.isLoading && textOf(TEXT).length > NOTE,
  };
  const tray = {
    ...labelStudio,
    isReady: () => labelStudio.isReady() && textOf("#cb-tray [role=status]") !== "",
    hasTick: (code) => all("#cb-tray li span").some((line) => numberOf(line.textContent) === code),
  };
  const page = {
    rows: "#results li[data-code]",
    area: "#results",
    isReady: () => document.body?.dataset.ready !== undefined && textOf("#note").length > NOTE,
    usable: () => page.isReady() && document.activeElement?.id === "search",
    next() {
      const before = textOf("#note");
      const isEmpty = () => !$("#search").value && count("#tray-list li") === 0;
      return () => page.usable() && textOf("#note") !== before && isEmpty();
    },
    /** It may be shown before a code can be found: words put in the box tell. */
    async proven() {
      enter($("#search"), "chf");
      await painted(() => count(page.rows) > 0);
      const at = now();
      enter($("#search"), "");
      return at;
    },
    found: () => differs(() => $("#results").innerHTML), // letters that match stand out
    ticked: (code) => () => all("#tray-list li").some((row) => row.dataset.code === code),
  };
  const BOX = ".cb-list .lsf-choice";
  const list = {
    ...tray,
    rows: `${BOX}:not(.lsf-choice_hidden) label`,
    area: ".cb-list",
    usable: () => tray.isReady() && count(BOX) > CODES && Boolean($(".cb-codes input")),
    found(words) {
      const wanted = words.trim().toLowerCase();
      const labels = all(BOX).map((box) => box.textContent.toLowerCase());
      const number = labels.filter((label) => label.includes(wanted)).length;
      return () => count(list.rows) === number;
    },
    ticked(code) {
      const ticked = `${list.rows}.ant-checkbox-wrapper-checked`;
      const isBoxed = () => all(ticked).some((box) => numberOf(box.textContent) === code);
      return () => tray.hasTick(code) && isBoxed();
    },
  };
  const DROPPED = ".ant-select-dropdown:not(.ant-select-dropdown-hidden)";
  const search = {
    ...tray,
    rows: `${DROPPED} .ant-select-tree-switcher-noop ~ span[title]`,
    area: `${DROPPED} .ant-select-tree-list-holder`,
    usable: () => tray.isReady() && Boolean($(".cb-list .ant-select-selector")),
    found() {
      const height = () => $(`${search.area} > div`)?.style.height; // of all rows, in view or not
      return differs(() => textOf(search.area) + height());
    },
    ticked: (code) => () => tray.hasTick(code) && search.isBoxed(code),
    isBoxed(code) {
      const row = rowOf(search, code);
      return !row || Boolean(row.parentElement.querySelector(".ant-select-tree-checkbox-checked"));
    },
  };
  const stock = {
    ...labelStudio,
    rows: ".lsf-choices label",
    usable: () => labelStudio.isReady() && count(stock.rows) > CODES,
    next() {
      const before = textOf(TEXT);
      const nothing = () => count(`${stock.rows} input:checked`) === 0;
      return () => stock.usable() && textOf(TEXT) !== before && nothing();
    },
    ticked(code) {
      const ticked = `${stock.rows}.ant-checkbox-wrapper-checked`;
      return () => all(ticked).some((box) => numberOf(box.textContent) === code);
    },
  };
  const INTERFACES = { page, list, search, stock };

  function rowOf(as, code) {
    return all(as.rows).find((row) => numberOf(row.textContent) === code);
  }

  function enter(box, words) {
    box.value = words;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function differs(look) {
    const before = look();
    return () => look() !== before;
  }

  // When it was asked for: the first key or click after `expect`. (A click on a label makes a second
  // one, on its box.)
  let asked = 0;
  for (const kind of ["keydown", "click"]) {
    const hear = (event) => {
      asked ||= performance.timeOrigin + event.timeStamp;
    };
    window.addEventListener(kind, hear, { capture: true, passive: true });
  }

  const frame = () => new Promise(requestAnimationFrame);

  /** The next task: after the frame that is being made has been painted. */
  function task() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }

  /** When the check held first and the frame that shows it was painted. */
  async function painted(holds) {
    const end = now() + LIMIT;
    do {
      await frame();
      if (now() > end) throw new Error(`not within ${LIMIT / 1000} s`);
    } while (!holds());
    await task();
    return now();
  }

  /** When the interface was usable first in this document. */
  async function opened(as) {
    const at = await painted(() => as.usable());
    return as.proven ? as.proven() : at;
  }

  let waiting = null;

  return {
    /** Watch from the beginning of the document for the interface to become usable. */
    watch(name) {
      this.as = INTERFACES[name];
      this.usable = opened(this.as);
      this.usable.catch(() => {}); // other documents than the coding page never are
    },

    /** Watch for `what` of the interface (see above) to come about. */
    expect(what, argument) {
      const holds = this.as[what](argument);
      asked = 0;
      waiting = painted(holds);
      waiting.catch(() => {});
    },

    /** Seconds from the key or click after `expect` until that was on the screen. */
    async seconds() {
      const at = await waiting;
      if (!asked || at < asked) throw new Error("it was there before it was asked for");
      return (at - asked) / 1000;
    },

    /** Note the next key or click. */
    listen() {
      asked = 0;
    },

    /** In our Label Studio: on to the next note once this one is submitted; when Submit was pressed. */
    async goOn() {
      await painted(() => textOf("#cb-tray [role=status]").trim().startsWith("submitted"));
      $("#cb-bar a[href$='/queue/next/']").click();
      return asked;
    },

    /** Press what matches, by script, and say when. */
    press(selector) {
      const at = now();
      $(selector).click();
      return at;
    },

    /** Resolves when what matches says these words, among others. */
    async says(selector, words) {
      await painted(() => textOf(selector).includes(words));
    },

    /** Resolves when the results of these words are there. */
    async found(words) {
      await painted(this.as.found(words));
    },

    /** Resolves when the results have not changed for so many ms. */
    async settled(quiet) {
      let same = this.as.found();
      let since = now();
      while (now() - since < quiet) {
        await frame();
        if (!same()) continue;
        same = this.as.found();
        since = now();
      }
    },

    /** Codes of the results that can be seen without scrolling, from above. */
    inView() {
      const { top, bottom } = $(this.as.area)?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
      const seen = [];
      for (const row of all(this.as.rows)) {
        const place = row.getBoundingClientRect();
        if (place.height > 0 && place.top >= top - 1 && place.bottom <= bottom + 1) {
          seen.push(row.dataset.code ?? numberOf(row.textContent));
        }
      }
      return seen;
    },

    /** Rows from the one in hand down to a code; those of a page that has one in hand. */
    stepsTo(code) {
      const rows = all(this.as.rows);
      const at = rows.findIndex((row) => row.dataset.code === code);
      return at - rows.findIndex((row) => row.ariaSelected === "true");
    },

    /** Where to click on the row of a code: px from the left and the top of the window. */
    placeOf(code) {
      const { left, top, height } = rowOf(this.as, code).getBoundingClientRect();
      return [left + height / 2, top + height / 2];
    },

    /** Bring the row of a code to the middle of the screen; how many screens that was. */
    scrollTo(code) {
      const row = rowOf(this.as, code);
      const before = row.getBoundingClientRect().top;
      row.scrollIntoView({ block: "center", behavior: "instant" });
      return Math.abs(row.getBoundingClientRect().top - before) / window.innerHeight;
    },

    /** Nodes of the document: elements, texts and comments. */
    nodes() {
      const walk = document.createTreeWalker(document);
      let number = 1;
      while (walk.nextNode()) number += 1;
      return number;
    },
  };
})();
