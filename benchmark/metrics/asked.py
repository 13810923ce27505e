"""The command line's options that add figures: their files are read, their values checked."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmark.metrics.certainty.subgroups import Subgroup
from benchmark.metrics.codings import Encoding
from benchmark.metrics.further import (
    Frequent,
    Further,
    Margin,
    Weighted,
    estimates,
    frequent,
    grouped,
    margin,
    weighted,
)
from files.code_files import LARGEST, read_counts, read_groups, read_weights
from files.problems import refused

Say = Callable[[object], None]


def further_asked(options: argparse.Namespace, encoding: Encoding, say: Say) -> Further:
    """What the options ask for beside the comparison. FileError for what is wrong with them.

    `say` is told what a reader must know of the files.
    """
    return Further(
        intervals=estimates(encoding) if options.intervals else None,
        frequent=_frequent(options, encoding, say),
        margin=_margin(options, encoding),
        weighted=_weighted(options, encoding, say),
        groups=_groups(options, encoding, say),
    )


def _frequent(options: argparse.Namespace, encoding: Encoding, say: Say) -> Frequent | None:
    if options.counts is None:
        return None
    file = read_counts(options.counts)
    if not file.counts.keys() & set(encoding.space.codes):
        raise refused(
            f"{options.counts}: none of its codes is in the label space; "
            "are both written alike, dots and zeros included?"
        )
    found = frequent(encoding, file)
    if not found.codes:
        say(
            f"no code should come ten times in {len(encoding.notes)} notes by {options.counts}; "
            "there are no frequent codes"
        )
        return None
    return found


def _margin(options: argparse.Namespace, encoding: Encoding) -> Margin | None:
    if options.margin is None:
        if options.models is not None:
            raise refused("--models goes with --margin; give both")
        return None
    if not 0 < options.margin < 1:
        raise refused(f"--margin {options.margin:g}: give one above 0 and below 1, such as .05")
    models = [name.strip() for name in (options.models or "").split(",") if name.strip()]
    if not models:
        raise refused("--margin asks of models beside coders; name the models: --models RAC")
    for name in models:
        if name not in encoding.given:
            raise refused(f"--models: no rater named {name}; there is: {', '.join(encoding.given)}")
    try:
        return margin(encoding, models, options.margin)
    except ValueError as error:
        raise refused(f"--margin: {error}") from None


def _weighted(options: argparse.Namespace, encoding: Encoding, say: Say) -> Weighted | None:
    default = options.default_weight
    if not 0 <= default <= LARGEST:
        raise refused(f"--default-weight {default:g}: give 0 or more, at most {LARGEST:g}")
    if options.weights is None:
        return None
    found = weighted(encoding, read_weights(options.weights), default)
    if found.unweighted:
        say(
            f"{found.unweighted} codes of these notes have no weight in {options.weights} "
            f"and count {default:g}"
        )
    return found


def _groups(
    options: argparse.Namespace, encoding: Encoding, say: Say
) -> dict[str, list[Subgroup]] | None:
    if options.groups is None:
        return None
    groups = read_groups(options.groups)
    scored = set(encoding.notes)
    if not scored & groups.keys():
        raise refused(f"{options.groups}: none of its notes is scored; check the note ids")
    without = len(scored - groups.keys())
    if without:
        say(f"notes without a group in {options.groups}: {without}")
    others = len(groups.keys() - scored)
    if others:
        say(f"notes of {options.groups} that are not scored, ignored: {others}")
    return grouped(encoding, groups)
