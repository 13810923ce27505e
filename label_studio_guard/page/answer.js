// What an answer of Label Studio says: the codes in it, whichever interface made it.
export const NONE = "no-listed-code";

/** Codes of a `result`: of check boxes, or the last name of each path of the drop-down. */
export function codesIn(result) {
  const region = regionOf(result);
  if (!region) return [];
  const paths = region.value.taxonomy ?? [];
  return [...(region.value.choices ?? []), ...paths.map((path) => path[path.length - 1])];
}

/** The part of a `result` that holds the codes; undefined where none is ticked. */
export function regionOf(result) {
  return result.find((region) => region.from_name === "codes");
}

/** The same answer with other codes in it; the coder's own words stay. */
export function withRegion(result, region) {
  const others = result.filter((each) => each.from_name !== "codes");
  return region ? [region, ...others] : others;
}

export function sameCodes(one, other) {
  return one.length === other.length && one.every((code) => other.includes(code));
}

/** Codes for a coder to read. */
export function inWords(codes) {
  const words = codes.map((code) => (code === NONE ? "No listed code applies" : code));
  return words.join(", ") || "no code";
}
