"""What models thought of codes, read back as one matrix: of runs here, and of imported files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation.models import Coding, Rater, Study
from benchmark.metrics.probabilities.told import above_is_told
from benchmark.models import NoteScores, ScoredFile
from benchmark.selectors.model_store import code_list, dev_threshold

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class StoredScores:
    """A model's probabilities on some notes and codes."""

    matrix: Floats
    """(notes, codes); NaN where an imported file did not tell one."""
    floors: Floats
    """(notes,) no probability that is not told is above it; 1 where nothing is said."""
    threshold_dev: float | None
    """The threshold that the model's own development notes chose."""
    files: tuple[str, ...]
    """Digests of the files that they are from; none for a model that was run here."""


def stored_scores(
    study: Study, rater: Rater, notes: Sequence[str], codes: Sequence[str]
) -> StoredScores | None:
    """The probabilities of a model's newest codings.

    0 for codes that the model does not know; NaN for those that it may know and whose probability
    its file does not tell. None where a note has none, as where codings were imported without any,
    or made before probabilities were kept.
    """
    rows = _newest_codings(study, rater, notes)
    if rows is None or not (rater.checkpoint_sha256 or scored_files(study, rater)):
        return None
    matrix = np.zeros((len(notes), len(codes)), np.float32)
    floors = np.ones(len(notes), np.float32)
    filled = 0
    places = _Places(rater, codes)
    stored = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
    fields = stored.values_list("coding_id", "probabilities", "file_id")
    for coding, data, file in fields.iterator(200):
        if coding not in rows:
            continue
        source = places.of(file)
        probabilities = np.frombuffer(data, "<f4")
        if source.size and len(probabilities) == source.size:
            row = rows[coding]
            matrix[row] = source.unlisted
            matrix[row, source.to_columns] = probabilities[source.from_places]
            floors[row] = source.floor
            filled += 1
    if filled < len(notes):
        return None
    files = list(places.files.values())
    digests = tuple(sorted(file.sha256 for file in files))
    return StoredScores(matrix, floors, _threshold_dev(rater, files), digests)


def codings_at(
    study: Study, rater: Rater, notes: Sequence[str], threshold: float
) -> dict[str, list[str]] | None:
    """note -> the codes above `threshold`; None where probabilities are not kept, or where those
    that a file leaves out may be above it."""
    known = known_codes(study, rater)
    stored = stored_scores(study, rater, notes, known)
    if stored is None or not above_is_told(stored.matrix, threshold, stored.floors):
        return None
    found = {}
    for note, row in zip(notes, stored.matrix, strict=True):
        found[note] = [known[place] for place in np.flatnonzero(row > threshold)]
    return found


def known_codes(study: Study, rater: Rater) -> tuple[str, ...]:
    """Codes that the rater's checkpoint can give; of an imported rater, those of its files."""
    known = code_list(rater.checkpoint_sha256)
    if known:
        return known
    listed: dict[str, None] = {}
    for file in scored_files(study, rater):
        listed.update(dict.fromkeys(file.code_list))
    return tuple(listed)


def scored_files(study: Study, rater: Rater) -> list[ScoredFile]:
    """The files that the probabilities of the rater's newest codings are from, oldest first."""
    of_rater = NoteScores.objects.filter(coding__study=study, coding__rater=rater)
    of_rater = of_rater.exclude(file=None).order_by("coding__submitted_at", "coding")
    newest = dict(of_rater.values_list("coding__note", "file"))
    return list(ScoredFile.objects.filter(pk__in=set(newest.values())))


def imported_threshold_dev(study: Study, rater: Rater) -> float | None:
    """The development threshold that was told with an imported rater's probabilities."""
    return _threshold_dev(rater, scored_files(study, rater))


def _threshold_dev(rater: Rater, files: Sequence[ScoredFile]) -> float | None:
    """Of the checkpoint; of files, where all that the probabilities are from say the same."""
    if not files:
        return dev_threshold(rater.checkpoint_sha256)
    told = {file.threshold_dev for file in files}
    return told.pop() if len(told) == 1 else None


@dataclass(frozen=True)
class _Source:
    """Where the codes asked for stand in rows of one checkpoint or file."""

    size: int
    """Codes of a row."""
    from_places: NDArray[np.int64]
    to_columns: NDArray[np.int64]
    unlisted: np.float32
    """What a code has that is not among them."""
    floor: np.float32


@dataclass
class _Places:
    """The sources of a rater's rows, each looked up once."""

    rater: Rater
    codes: Sequence[str]
    files: dict[int, ScoredFile] = field(default_factory=dict)
    found: dict[int | None, _Source] = field(default_factory=dict)

    def of(self, file: int | None) -> _Source:
        """Of the rater's checkpoint, or of an imported file by its id."""
        if file not in self.found:
            self.found[file] = self._source(file)
        return self.found[file]

    def _source(self, file: int | None) -> _Source:
        unlisted = np.float32(0)
        floor = np.float32(1)
        if file is None:
            known = code_list(self.rater.checkpoint_sha256)
        else:
            scored = ScoredFile.objects.get(pk=file)
            self.files[file] = scored
            known = scored.code_list
            if not scored.every_code:
                unlisted = np.float32(np.nan)
            if scored.floor is not None:
                floor = np.float32(scored.floor)
        column_of = {code: column for column, code in enumerate(self.codes)}
        theirs = []  # places of codes in the source's list
        ours = []  # columns of the same codes
        for place, code in enumerate(known):
            if code in column_of:
                theirs.append(place)
                ours.append(column_of[code])
        return _Source(
            len(known), np.array(theirs, np.int64), np.array(ours, np.int64), unlisted, floor
        )


def _newest_codings(study: Study, rater: Rater, notes: Sequence[str]) -> dict[int, int] | None:
    """Id of the newest coding of each note -> the note's place; None where a note has none."""
    codings = Coding.objects.filter(study=study, rater=rater).order_by("submitted_at", "id")
    newest = dict(codings.values_list("note__external_id", "pk"))
    found = {}
    for row, note in enumerate(notes):
        if note not in newest:
            return None
        found[newest[note]] = row
    return found
