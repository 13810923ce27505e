// The tabular list around a code: its chapter, what stands above it, beside it and below it.
import { categoryOf, parentOf } from "./codes.js";
import { compare } from "./words.js";

/**
 * {chapter, path: [{code, title}], siblings: [{code, title, listed}], children: [...]}.
 *
 * `path` goes from the category down to what stands right above the code; `siblings` are the codes
 * and categories beside it, itself among them; `children` what a category has below. `listed` is
 * whether a coder of this study can tick it. Null for a code that is nowhere near the list.
 */
export function tabular(index, code) {
  index.above ??= everything(index.data);
  const { titles, kinds } = index.above;
  const kind = kinds.get(code);
  if (!kind) return null;
  const path = [];
  for (let above = parentOf(code); above; above = parentOf(above)) {
    if (titles.has(above)) path.unshift({ code: above, title: titles.get(above) });
  }
  const right = path.at(-1)?.code;
  return {
    chapter: chapterOf(index.data.chapters[kind], code),
    path,
    siblings: right ? below(index, right) : [rowOf(index, code)],
    children: below(index, code),
  };
}

/** Every code and category that the file knows. */
function everything(data) {
  const titles = new Map();
  const kinds = new Map();
  const listed = new Set();
  const put = (code, kind, title) => {
    titles.set(code, title);
    kinds.set(code, kind);
  };
  for (const [code, kind, title] of data.others) put(code, kind, title);
  for (const kind of Object.keys(data.categories)) {
    for (const [code, title] of Object.entries(data.categories[kind])) put(code, kind, title);
  }
  for (const [code, kind, title] of data.codes) {
    put(code, kind, title);
    listed.add(code);
  }
  const inside = new Map();
  for (const code of titles.keys()) {
    let above = parentOf(code);
    while (above && !titles.has(above)) above = parentOf(above);
    if (!above) continue;
    if (!inside.has(above)) inside.set(above, []);
    inside.get(above).push(code);
  }
  return { titles, kinds, listed, inside };
}

function below(index, code) {
  const codes = index.above.inside.get(code) ?? [];
  return [...codes].sort(compare).map((other) => rowOf(index, other));
}

function rowOf(index, code) {
  return { code, title: index.above.titles.get(code), listed: index.above.listed.has(code) };
}

function chapterOf(chapters, code) {
  const own = categoryOf(code);
  let name = "";
  for (const [first, title] of chapters) if (first <= own) name = title;
  return name;
}
