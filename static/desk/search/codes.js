// How ICD-9-CM codes are written: the rules of icd/codes.py that the browser needs, each once.

/** A code without its dot. */
export function undotted(code) {
  return code.replaceAll(".", "");
}

/** The part before the dot. */
export function categoryOf(code) {
  return code.split(".")[0];
}

/** The nearest shorter code, "" above a category. */
export function parentOf(code) {
  return code.includes(".") ? code.slice(0, -1).replace(/\.$/, "") : "";
}
