"""What everybody gave to a study's notes, asked of the database itself: no code of ours between.

The figures of the pages are held against these plain sets.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from tests.desk.site import DeskSite

Sets = dict[str, frozenset[str]]
"""Note -> codes."""

CODINGS = """
    select r.name, r.kind, n.external_id, c.id, c.submitted_at, c.active_seconds
    from annotation_coding c
    join annotation_rater r on r.id = c.rater_id
    join annotation_note n on n.id = c.note_id
    join annotation_study_notes sn on sn.note_id = n.id
    join annotation_study s on s.id = sn.study_id
    where s.slug = ? and (c.study_id = s.id or c.study_id is null)
    order by c.submitted_at, c.id
"""
CODES = """
    select i.coding_id, k.code
    from annotation_codingitem i join annotation_code k on k.id = i.code_id
"""
OWN = """
    select n.external_id, r.name from annotation_assignment a
    join annotation_study s on s.id = a.study_id
    join annotation_note n on n.id = a.note_id
    join annotation_rater r on r.id = a.rater_id
    where s.slug = ? and a.role = 'primary'
"""


@dataclass
class Gave:
    """A study's codings, newest of each rater and note."""

    reference: Sets
    raters: dict[str, Sets]
    """By name: the coders, each on their own notes, and the models."""
    coders: frozenset[str]
    own: dict[str, str]
    """Note -> the coder whose note it is."""
    minutes: dict[str, list[tuple[date, float]]] = field(default_factory=dict)
    """Coder -> the day and the minutes of each note, in the order of coding."""

    @property
    def models(self) -> list[str]:
        return [name for name in self.raters if name not in self.coders]

    @property
    def people(self) -> Sets:
        """The human coders together: each note by its own coder."""
        return {note: self.raters[coder][note] for note, coder in self.own.items()}

    def side(self, name: str) -> Sets:
        """A rater by the name of the pages."""
        return self.people if name == "Human coders" else self.raters[name]

    def shared(self, *names: str) -> list[str]:
        """The notes that all of these coded."""
        return sorted(set(self.reference).intersection(*(self.side(name) for name in names)))

    def missed(self, name: str) -> Counter[str]:
        """Code -> notes where the reference has it and the rater lacks it."""
        return Counter(
            code for note, given in self.side(name).items() for code in self.reference[note] - given
        )

    def added(self, name: str) -> Counter[str]:
        """Code -> notes where the rater has it and the reference lacks it."""
        return Counter(
            code for note, given in self.side(name).items() for code in given - self.reference[note]
        )

    def jaccard(self, name: str, notes: list[str]) -> float:
        """Micro Jaccard against the reference."""
        both = sum(len(self.side(name)[note] & self.reference[note]) for note in notes)
        either = sum(len(self.side(name)[note] | self.reference[note]) for note in notes)
        return both / either

    def right_only(self, first: str, second: str, code: str) -> list[str]:
        """The notes where the first is right on a code, given or not, and the second wrong."""
        found = []
        for note in self.shared(first, second):
            true = code in self.reference[note]
            if (code in self.side(first)[note]) == true != (code in self.side(second)[note]):
                found.append(note)
        return found

    def ahead(self, first: str, second: str) -> dict[str, int]:
        """Code -> on how many notes more the first is right than the second."""
        notes = self.shared(first, second)
        codes = set().union(*(self.reference[note] for note in notes))
        codes = codes.union(*(self.side(name)[note] for name in (first, second) for note in notes))
        return {
            code: len(self.right_only(first, second, code))
            - len(self.right_only(second, first, code))
            for code in codes
        }

    def nobody(self) -> list[str]:
        """The notes to which no rater gave exactly the reference's codes."""
        return [
            note
            for note, true in sorted(self.reference.items())
            if all(given.get(note) != true for given in self.raters.values())
        ]

    def nobody_any(self) -> list[str]:
        """The notes of which no rater found a code."""
        return [
            note
            for note, true in sorted(self.reference.items())
            if not any(given.get(note, frozenset()) & true for given in self.raters.values())
        ]

    def both_and_either(self, first: str, second: str, category: str) -> tuple[int, int]:
        """Codes of a category that both gave to a note, and that either gave, over their notes."""
        both = either = 0
        for note in self.shared(first, second):
            ours, theirs = (
                {code for code in self.side(name)[note] if code.split(".")[0] == category}
                for name in (first, second)
            )
            both += len(ours & theirs)
            either += len(ours | theirs)
        return both, either

    def minutes_by_day(self, coder: str) -> list[tuple[date, int, float]]:
        """Of each day: how many notes, and the minutes of the middle one."""
        days: dict[date, list[float]] = {}
        for day, minutes in self.minutes[coder]:
            days.setdefault(day, []).append(minutes)
        return [(day, len(took), median(took)) for day, took in sorted(days.items())]


def gave(site: DeskSite, slug: str) -> Gave:
    """Everything that was given in a study."""
    codes: dict[int, set[str]] = {}
    for coding, code in site.rows(CODES):
        codes.setdefault(coding, set()).add(code)
    found = Gave({}, {}, frozenset(), dict(site.rows(OWN, slug)))
    coders = set()
    for name, kind, note, coding, at, seconds in site.rows(CODINGS, slug):
        given = frozenset(codes.get(coding, ()))
        if kind == "reference":
            found.reference[note] = given
            continue
        found.raters.setdefault(name, {})[note] = given
        if kind == "coder":
            coders.add(name)
            day = datetime.fromisoformat(at).date()
            found.minutes.setdefault(name, []).append((day, seconds / 60))
    found.coders = frozenset(coders)
    return found
