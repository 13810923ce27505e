// The search of codes, and the tabular list around a code. Pure: no page, no request.
//
// The rules are those of icd/search/ on the server, word for word; tests hold both to the same
// answers. docs/search.md says them in words. Any page can use it:
//
//   const index = makeIndex(await (await fetch(codesUrl)).json());
//   search(index, "chr sys hf", 10); // [{code, title, kind, why, marks: [[from, to], ...]}, ...]
//   tabular(index, "428.22"); // {chapter, path, siblings, children}
export { makeIndex } from "./search/index.js";
export { search } from "./search/ranking.js";
export { tabular } from "./search/tabular.js";
