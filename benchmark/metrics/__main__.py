"""`python -m benchmark.metrics REFERENCE NAME=FILE ...`: see `--help` and docs/metrics.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.metrics.asked import further_asked
from benchmark.metrics.codings import Encoding, encode_all
from benchmark.metrics.command_line import named_files, parser
from benchmark.metrics.files.codings_file import read_codings
from benchmark.metrics.files.labels_file import read_labels
from benchmark.metrics.further import Further
from benchmark.metrics.label_space import LabelSpace, union
from benchmark.metrics.sets.compare import (
    VERSION,
    Comparison,
    Missing,
    NotesError,
    common_notes,
    compare_encoded,
)
from benchmark.metrics.tables.further import further_tables
from benchmark.metrics.tables.rendering import render
from benchmark.metrics.tables.table1 import all_figures
from files.codings import Asked, Codings, Form
from files.problems import FileError, refused
from files.score_cells import AskedScores
from files.spreadsheet_csv import spreadsheet_csv


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parser().parse_intermixed_args(arguments)
    try:
        encoding = _encoding(options)
        comparison = compare_encoded(encoding)
        further = further_asked(options, encoding, _say)
    except FileError as error:
        _say_of_file(error, options.errors)
        return 2
    except NotesError as error:
        _say(error)
        return 2
    try:
        print(_printed(comparison, further, options), end="", flush=True)
    except OSError as error:
        problem = f"the result cannot be written ({error.strerror})"
        _say(f"{problem}; run it again with room for its output")
        # Or the interpreter's last flush fails again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _encoding(options: argparse.Namespace) -> Encoding:
    """Read the files and say what is unusual about them."""
    sources = named_files(options.raters)
    if [options.reference, *sources.values()].count("-") > 1:
        raise refused("- is given twice; only one file can come from standard input")
    reference = _reference(options)
    raters = _raters(sources, options)
    codings = {name: rater.codings for name, rater in raters.items()}
    notes = _notes(reference, codings, _missing(options))
    space = _space(options.labels, reference, codings, notes)
    _say_of_codes(space, notes, reference, codings)
    encoding = encode_all(space, notes, reference.codings, codings)
    if options.outside == "drop":
        return encoding.dropping()
    return encoding


def _reference(options: argparse.Namespace) -> Codings:
    """The reference: the only rater of its file, or the one that --reference-rater names.
    FileError."""
    found = _read("reference", options.reference, options.input_format)
    wanted = options.reference_rater
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    names = ", ".join(sorted(found))
    if wanted is None:
        words = f"the reference has {len(found)} raters ({names})"
        raise refused(f"{words}; say which one is meant: --reference-rater NAME")
    if wanted not in found:
        raise refused(f"the reference has no rater {wanted}; it has {names}")
    return found[wanted]


def _raters(sources: Mapping[str, str], options: argparse.Namespace) -> dict[str, Codings]:
    """Name -> what that rater gave. A file with several raters names them itself. FileError
    where two have one name."""
    found: dict[str, Codings] = {}
    for name, source in sources.items():
        raters = _read(name, source, options.input_format, options.threshold)
        if len(raters) == 1:
            raters = {name: next(iter(raters.values()))}
        elif source == options.reference:
            raters.pop(options.reference_rater, None)
        for rater, codings in raters.items():
            if rater in found:
                raise refused(f"{rater} names two raters; give each rater a name of its own")
            found[rater] = codings
    return found


def _read(
    name: str, source: str, form: Form | None, threshold: float | None = None
) -> dict[str, Codings]:
    """Read a file of codings, and say what was guessed or left out; its raters."""
    file = read_codings(source, Asked(form, scores=AskedScores(threshold=threshold)))
    if file.unusual:
        _say(f"{name}: read as {file.understood}")
    nulls = sum(rater.nulls for rater in file.raters.values())
    if nulls:
        _say(f"{name}: {nulls} codes are null or empty and were left out")
    repeats = sum(rater.repeats for rater in file.raters.values())
    if repeats:
        _say(f"{name}: {repeats} repeated (note, code) collapsed")
    return dict(file.raters)


def _missing(options: argparse.Namespace) -> Missing:
    if options.intersect:
        return "intersect"
    if options.missing_as_empty:
        return "empty"
    return "refuse"


def _notes(
    reference: Codings, raters: Mapping[str, Mapping[str, set[str]]], missing: Missing
) -> list[str]:
    """The notes to score. FileError or NotesError where there are none."""
    if not reference.codings:
        raise refused("the reference has no notes; give it at least one")
    try:
        notes = common_notes(reference.codings, raters, missing)
    except NotesError as error:
        mend = "--intersect scores the common notes"
        if "that the reference lacks" not in str(error):
            mend += ", --missing-as-empty counts them as no code"
        raise NotesError(f"{error}; {mend}") from None
    if not notes:
        raise NotesError("no note is in all files; check that they use the same note ids")
    if missing == "intersect" and len(notes) < len(reference.codings):
        _say(
            f"scored on the {len(notes)} notes that all files have, "
            f"of the reference's {len(reference.codings)}"
        )
    return notes


def _space(
    labels: str | None,
    reference: Codings,
    raters: Mapping[str, Mapping[str, set[str]]],
    notes: Sequence[str],
) -> LabelSpace:
    """The codes of the file `labels`, or all codes that anybody gave."""
    if labels is None:
        return union(reference.codings, raters.values(), notes)
    file = read_labels(labels)
    if file.repeats:
        _say(f"{file.space.name}: {file.repeats} repeated codes collapsed")
    return file.space


def _say_of_codes(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Mapping[str, set[str]]],
) -> None:
    """Say which lists may not match: by codes outside the label space, and raters without one true
    code."""
    known = set(space.codes)
    everyone = {"reference": reference.codings, **raters}
    for name, codings in everyone.items():
        outside = sum(len(codings.get(note, set()) - known) for note in notes)
        if outside:
            _say(f"{name}: {outside} codes outside the label space {space.name}")
    true = _all_codes(reference.codings, notes)
    for name, codings in raters.items():
        given = _all_codes(codings, notes)
        if given and not given & true:
            _say(
                f"{name}: none of its codes occurs in the reference; "
                "are both written alike, dots and zeros included?"
            )


def _all_codes(codings: Mapping[str, set[str]], notes: Sequence[str]) -> set[str]:
    """Every code that these notes have."""
    found: set[str] = set()
    for note in notes:
        found.update(codings.get(note, ()))
    return found


def _printed(comparison: Comparison, further: Further, options: argparse.Namespace) -> str:
    """The result as it goes to standard output."""
    if options.format == "json":
        document = {"version": VERSION, **comparison.to_json(), **further.to_json()}
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    footnotes = []
    if options.labels:
        fate = "are dropped"
        if options.outside == "miss":
            fate = "count as misses in the micro figures"
        footnotes.append(f"Reference codes outside the label space {fate}.")
    parts = [render(all_figures(comparison, footnotes=footnotes), options.format)]
    for table in further_tables(further):
        part = render(table, options.format)
        if options.format == "csv":
            part = spreadsheet_csv([[table.title]]) + part
        parts.append(part)
    return "\n".join(parts)


def _say_of_file(error: FileError, path: str | None) -> None:
    """Say the first error in one line, and write all of them into the file at `path`, if given."""
    if path is not None:
        _say(f"{error}; {error.write(Path(path))}")
    elif error.total > 1:
        _say(f"{error}; --errors FILE writes all")
    else:
        _say(error)


def _say(message: object) -> None:
    print(f"benchmark.metrics: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
