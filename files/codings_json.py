"""JSON of codings: an object a note or a code, a note's codes by its id, raters above notes, what
Label Studio exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from files.cells import (
    CellError,
    Written,
    code_text,
    codes_of_list,
    kind_written,
    note_id,
    split_codes,
)
from files.documents import Document
from files.naming import meaning, of_role
from files.problems import Problems
from files.raters import Raters, counted
from files.records import Entry, unfolded
from files.score_cells import SCORE_NAMES
from files.table import shown_names
from files.ticked import is_task, rater_named, ticked
from icd.codes import Kind

CANNOT = "a cell that cannot be taken"
LIKE = 'not {"note_id": "...", "codes": [...]}; write one such object a line'
LIKE_SCORES = 'not {"note_id": "...", "scores": {"428.0": 0.91}}; write one such object a line'
SCORES_BY_CODE = ("scores", "probabilities", "probs")
"""Keys under which an object has a note's scores by code."""
SYSTEM_10 = ("10", "icd10", "icd10cm", "icd-10", "icd-10-cm")


@dataclass(frozen=True)
class Keys:
    """The keys of an object, by what they mean."""

    note: str
    codes: Sequence[str]
    kind: str | None
    rater: str | None
    score: str | None
    given: str | None
    system: str | None


@dataclass
class JsonReader:
    """Reads a document of codings into what its raters gave."""

    document: Document
    raters: Raters
    problems: Problems
    keys: dict[tuple[str, ...], Keys | None] = field(default_factory=dict)
    met: dict[str, None] = field(default_factory=dict)
    """Every key of an object that was met, in order."""
    used: dict[str, None] = field(default_factory=dict)
    nulls: int = 0
    form: str = ""
    lists: bool = False

    def read(self) -> None:
        """All of it, and what is wrong with it."""
        for row, key, value in self._entries():
            try:
                self._entry(row, key, value)
            except CellError as error:
                self.problems.add(row, str(error), CANNOT)

    def _entries(self) -> Iterator[Entry]:
        document = self.document
        if document.form == "lines":
            self.form = "JSON, an object a line"
            yield from ((row, None, value) for row, value in document.lines())
        elif document.form == "list":
            self.form = "JSON, a list of objects"
            yield from ((row, None, value) for row, value in document.items())
        else:
            said, entries = unfolded(list(document.pairs()), self.problems)
            self.form = f"JSON, one object: {said}"
            yield from entries

    def _entry(self, row: int, key: str | None, value: Any) -> None:
        if key is None:
            self._object(row, value)
        elif _is_rater(value):
            for note, codes in value.items():
                self._note(row, note, codes, rater=key)
            self.form = "JSON, one object: a rater a key, in it a note id a key"
        else:
            self._note(row, key, value, rater=None)

    def _note(self, row: int, key: str, value: Any, rater: str | None) -> None:
        """A note's id and what it was given."""
        if isinstance(value, dict) and any(_means_codes(each) for each in value):
            self._object(row, {"note_id": key, **value})
            return
        collected = self.raters.named(rater)
        if isinstance(value, dict) and any(type(each) is float for each in value.values()):
            self.raters.score_rows(collected).add_object(row, note_id(key), value)
            return
        codes, nulls = codes_as_given(value, None)
        collected.add_note(row, note_id(key), codes)
        collected.nulls += nulls

    def _object(self, row: int, value: Any) -> None:
        if not isinstance(value, dict):
            words = "not an object; write a list of objects, or one object a line"
            self.problems.add(row, words)
            return
        if is_task(value):
            self._label_studio(row, value)
            return
        self._record(row, value)

    def _record(self, row: int, value: Mapping[str, Any]) -> None:
        scores = _key_of_scores(value)
        if scores:
            self._scores(row, value, scores)
            return
        keys = self._keys(row, value)
        if keys is None:
            self.problems.add(row, LIKE)
            return
        rater = rater_named(value[keys.rater]) or "" if keys.rater else None
        collected = self.raters.named(rater)
        note = note_id(value[keys.note])
        if keys.system and str(value[keys.system]).lower() in SYSTEM_10:
            words = "the object is of ICD-10; this code system is ICD-9-CM; leave such out"
            self.problems.add(row, words, "a row is of ICD-10")
            return
        kind = self._kind(value, keys)
        if len(keys.codes) == 1 and _is_one(value[keys.codes[0]], keys.codes[0]):
            code = Written(code_text(value[keys.codes[0]] or ""), kind)
            given = _yes(value[keys.given]) if keys.given else None
            if keys.score:
                self.raters.score_rows(collected).add(row, note, code, value[keys.score], given)
            elif given is False:
                collected.see(row, note)
            else:
                collected.add(row, note, code)
            return
        items = _scored_items(value, keys, kind)
        if items is not None:
            self.raters.score_rows(collected).add_list(row, note, items)
            return
        codes: list[Written] = []
        for name in keys.codes:
            found, nulls = codes_as_given(value[name], kind or _kind_of(name))
            codes += found
            collected.nulls += nulls
        collected.add_note(row, note, codes)

    def _scores(self, row: int, value: Mapping[str, Any], scores: str) -> None:
        """An object with all scores of a note by code, and perhaps the codes that it gives."""
        names = tuple(value)
        notes = of_role("note", names, row, self.problems)
        if not notes:
            self.problems.add(row, LIKE_SCORES)
            return
        codes = of_role("code", names, row, self.problems)
        rater = self._one("rater", names, row)
        self.met.update(dict.fromkeys(names))
        for name in (names[notes[0]], scores, rater, *(names[place] for place in codes)):
            if name is not None:
                self.used[name] = None
        given = None
        if codes:
            found, _ = codes_as_given(value[names[codes[0]]], None)
            given = {written.text for written in found}
        collected = self.raters.named(str(value[rater] or "") if rater else None)
        note = note_id(value[names[notes[0]]])
        self.raters.score_rows(collected).add_object(row, note, value[scores], given)

    def _kind(self, value: Mapping[str, Any], keys: Keys) -> Kind | None:
        if keys.kind is None or value[keys.kind] is None:
            return None
        try:
            return kind_written(str(value[keys.kind]))
        except CellError:
            if keys.kind.strip().lower() == "kind":
                raise
            return None

    def _label_studio(self, row: int, task: Mapping[str, Any]) -> None:
        """A task as Label Studio exports it."""
        self.form = "JSON, an export of Label Studio: codes ticked, by who completed them"
        data = task["data"]
        names = list(data)
        places = of_role("note", names, row, self.problems)
        note = note_id(data[names[places[0]]] if places else task.get("id"))
        for rater, codes in ticked(task):
            self.raters.named(rater).add_note(row, note, codes)

    def _keys(self, row: int, value: Mapping[str, Any]) -> Keys | None:
        """What the keys of an object mean; None where it has no note or no codes."""
        names = tuple(value)
        if names not in self.keys:
            self.keys[names] = self._found_keys(row, names)
            self.met.update(dict.fromkeys(names))
        return self.keys[names]

    def _found_keys(self, row: int, names: Sequence[str]) -> Keys | None:
        notes = of_role("note", names, row, self.problems)
        codes = of_role("code", names, row, self.problems)
        if not notes or not codes:
            return None
        found = Keys(
            names[notes[0]],
            [names[place] for place in codes],
            self._one("kind", names, row),
            self._one("rater", names, row),
            self._one("score", names, row),
            self._one("given", names, row),
            self._one("system", names, row),
        )
        listed = [name for name in SCORES_BY_CODE if name in names]
        for name in (
            found.note,
            *listed,
            *found.codes,
            found.kind,
            found.rater,
            found.system,
            found.score,
            found.given,
        ):
            if name is not None:
                self.used[name] = None
        return found

    def _one(self, role: Any, names: Sequence[str], row: int) -> str | None:
        places = of_role(role, names, row, self.problems)
        return names[places[0]] if places else None

    def said(self) -> Iterator[str]:
        """A few words on what was read, after the form."""
        notes = [name for name in self.used if _role(name) == "note"]
        codes = [name for name in self.used if _role(name) == "code"]
        if notes:
            yield f"note ids in {', '.join(notes)}"
        if codes:
            yield f"codes in {', '.join(codes)}"
        raters = [name for name in self.used if _role(name) == "rater"]
        if raters or len(self.raters.found) > 1:
            where = f" in {', '.join(raters)}" if raters else ""
            yield f"{counted(len(self.raters.found), 'rater')}{where}"
        for name in self.used:
            if _role(name) == "score" or name in SCORES_BY_CODE:
                yield f"scores in {name}"
        ignored = [name for name in self.met if name not in self.used]
        if ignored:
            yield f"ignored: {shown_names(ignored)}"


def codes_as_given(value: Any, kind: Kind | None) -> tuple[list[Written], int]:
    """(the codes, how many were null) of what an object says of a note: a list, a string of
    several, an object with a yes or a no for each code. CellError."""
    if value is None:
        return [], 0
    if isinstance(value, str):
        return [Written(code_text(code), kind) for code in split_codes(value)], 0
    if isinstance(value, dict):
        return [Written(code_text(code), kind) for code, each in value.items() if _yes(each)], 0
    return codes_of_list(value, kind)


def _key_of_scores(value: Mapping[str, Any]) -> str:
    """The key of an object under which a note's scores are, by code; "" where there is none."""
    for name in SCORES_BY_CODE:
        if isinstance(value.get(name), dict):
            return name
    return ""


def _scored_items(
    value: Mapping[str, Any], keys: Keys, kind: Kind | None
) -> list[tuple[Written, object]] | None:
    """The given codes of an object, each with its score: beside it, or in a list of their own.
    None where codes have none. CellError."""
    codes = value[keys.codes[0]]
    if len(keys.codes) != 1 or not isinstance(codes, list):
        return None
    scores = [_score_of(item) if isinstance(item, dict) else None for item in codes]
    beside = next((value[name] for name in SCORES_BY_CODE if name in value), None)
    if isinstance(beside, list):
        if len(beside) != len(codes):
            raise CellError(f"{len(beside)} scores beside {len(codes)} codes; write one a code")
        scores = beside
    elif all(score is None for score in scores):
        return None
    found: list[tuple[Written, object]] = []
    for item, score in zip(codes, scores, strict=True):
        written, _ = codes_of_list([item], kind)
        found += [(code, score) for code in written]
    return found


def _score_of(item: Mapping[str, Any]) -> object:
    for name in SCORE_NAMES:
        if item.get(name) is not None:
            return item[name]
    return None


def _yes(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    if value is None or value == "":
        return False
    raise CellError("a code has neither true nor false (1 or 0) beside it; write one of the two")


def _is_rater(value: Any) -> bool:
    """Whether an entry is a rater's: in it are notes, each with its codes."""
    if not isinstance(value, dict) or not value:
        return False
    if any(_means_codes(key) for key in value):
        return False
    return all(isinstance(each, list | dict) for each in value.values())


def _is_one(code: Any, name: str) -> bool:
    """Whether an object is of one code, and not of all codes of its note."""
    if code is None:
        return not name.strip().lower().endswith("s")
    return isinstance(code, str) and len(split_codes(code)) < 2


def _role(name: str) -> str:
    found = meaning(name)
    return found.role if found else ""


def _means_codes(name: str) -> bool:
    return _role(name) == "code"


def _kind_of(name: str) -> Kind | None:
    found = meaning(name)
    return found.kind if found else None
