// What an answer of Label Studio says: the codes in it, whichever interface made it.
export const NONE = "no-listed-code";
export const CLOCK = "clock"; // the control with the seconds worked

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

/** The same answer with the time that it took; the page has a hidden control for it. */
export function withSeconds(result, seconds) {
  const others = result.filter((each) => each.from_name !== CLOCK);
  const value = { number: Math.round(10 * seconds) / 10 };
  const about = { from_name: CLOCK, to_name: "note", type: "number", origin: "manual" };
  return [...others, { id: CLOCK, ...about, value }];
}

/** Seconds that an answer or a draft says it took; 0 where it says none. */
export function secondsIn(result) {
  const region = result?.find((each) => each.from_name === CLOCK);
  return Number(region?.value?.number) || 0;
}

export function sameCodes(one, other) {
  return one.length === other.length && one.every((code) => other.includes(code));
}

/** Codes for a coder to read. */
export function inWords(codes) {
  const words = codes.map((code) => (code === NONE ? "No listed code applies" : code));
  return words.join(", ") || "no code";
}
