// The sections of a note, as discharge summaries have them. Pure.
//
// A heading is a line that ends in a colon, or a known name with a colon at the start of a line.
const MOST = 60; // else only headings that are known count
const LONGEST_HEADING = 60;
const MOST_WORDS = 7;

/** What a heading says, as a regular expression -> the words of the list to jump by. */
const KNOWN = [
  ["chief complaint|reason for (?:admission|consultation)", "Complaint"],
  ["(?:major )?surgical (?:or|and) invasive procedures?|procedures?(?: performed)?", "Procedures"],
  ["history of (?:the )?present(?:ing)? illness|hpi|present illness", "Present illness"],
  ["(?:past )?medical history|past (?:medical and surgical )?history|pmh(?:x)?", "Past history"],
  ["past surgical history|psh", "Surgical history"],
  ["social history", "Social history"],
  ["family history", "Family history"],
  ["allerg(?:y|ies)(?: and adverse reactions)?", "Allergies"],
  ["review of systems|ros", "Review of systems"],
  ["(?:admission |discharge )?physical exam(?:ination)?", "Examination"],
  ["physical exam(?:ination)? on (?:admission|discharge)", "Examination"],
  ["pertinent results|laboratory data|imaging(?: studies)?|studies", "Results"],
  ["(?:admission |discharge )?lab(?:oratorie)?s(?: on (?:admission|discharge))?", "Results"],
  ["(?:brief |summary of )?hospital course(?: by (?:system|problem|issue)s?)?", "Hospital course"],
  ["course", "Hospital course"],
  ["(?:home )?medications? (?:on|prior to) admission", "Medicines before"],
  ["home medications|admission medications", "Medicines before"],
  ["discharge medications?|medications? on discharge", "Medicines after"],
  ["discharge disposition|disposition", "Sent to"],
  ["(?:discharge|final|principal|primary|secondary|admi\\w+) diagnos[ei]s", "Diagnoses"],
  ["(?:discharge )?condition(?: (?:on|at) discharge)?", "Condition"],
  ["discharge instructions", "Instructions"],
  ["follow-?\\s?up(?: instructions| appointments?)?", "Follow-up"],
  ["facility", "Facility"],
].map(([words, label]) => [new RegExp(`^(?:${words})$`, "i"), label]);

/** A line's start that may be a heading, and what follows on the line. */
const LINE = /^[ \t]*([A-Za-z][^:\n]*?)[ \t]*:[ \t]*(.*)$/;

/**
 * {title, label, text} of each section. `title` is the heading, "" where the note begins without;
 * all titles and texts together are the note.
 */
export function sectionsOf(note) {
  const lines = note.replace(/\r\n?/g, "\n").split("\n");
  const all = split(lines, headingOf);
  if (all.length <= MOST) return all;
  return split(lines, (line) => {
    const heading = headingOf(line);
    return heading?.known ? heading : null;
  });
}

function split(lines, heading) {
  const sections = [{ title: "", label: "Top", lines: [] }];
  for (const line of lines) {
    const found = heading(line);
    if (!found) {
      sections.at(-1).lines.push(line);
      continue;
    }
    const { title, label, rest } = found;
    sections.push({ title, label, lines: rest ? [rest] : [] });
  }
  const first = sections[0].lines.join("").trim();
  if (!first && sections.length > 1) sections.shift();
  return sections.map(({ title, label, lines: own }) => ({ title, label, text: trimmed(own) }));
}

/** {title, label, rest, known} where a line is a heading, or begins with one; else null. */
function headingOf(line) {
  const match = LINE.exec(line);
  if (!match) return null;
  const [, title, rest] = match;
  if (title.length > LONGEST_HEADING) return null;
  const known = KNOWN.find(([words]) => words.test(title.trim()));
  const capital = /^[A-Z]/.test(title);
  if (known && (rest === "" || capital)) return { title, label: known[1], rest, known: true };
  const alone = rest === "" && title.split(/\s+/).length <= MOST_WORDS && capital;
  if (!alone) return null;
  return { title, label: short(title), rest, known: false };
}

/** An unknown heading in the list: capitals are no shouting. */
function short(title) {
  if (title !== title.toUpperCase()) return title;
  return title[0] + title.slice(1).toLowerCase();
}

/** Lines without blank ones before and after. */
function trimmed(lines) {
  let from = 0;
  let to = lines.length;
  while (from < to && !lines[from].trim()) from += 1;
  while (to > from && !lines[to - 1].trim()) to -= 1;
  return lines.slice(from, to).join("\n");
}
