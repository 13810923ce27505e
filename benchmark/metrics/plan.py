"""`python -m benchmark.metrics.plan`: how many coders and notes a study needs.

Also the sentences that stand in the preview of a study.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from benchmark.metrics.certainty.planning import (
    OPTIMISTIC_SD,
    SEEN,
    Design,
    Variances,
    power_for_an_average_coder,
    width_for_an_average_coder,
    width_for_these_coders,
)
from benchmark.metrics.command_line import Parser

DESCRIPTION = """\
How sure will a study be? Says beforehand how wide its 95% intervals will be (micro Jaccard), and
its chance to show that a model is not worse than coders, within a margin that you state."""

EPILOG = f"""\
what is assumed:
  Coders differ by a standard deviation of {SEEN.between**0.5:.2f}, as three companies did that coded the same
  250 notes (CMC 2007), or by {OPTIMISTIC_SD:.2f}, which is optimistic. --sd takes another.
  docs/metrics.md has the formulas ("Planning a study").

how to read it:
  "These coders" answers for the very coders who take part. "An average coder" answers for coders
  like them, and is what most readers take a study for: more coders narrow it, more notes hardly do.
  Power 80% means: of ten such studies eight would show it, if it is so.

examples:
  python -m benchmark.metrics.plan --coders 5 --notes 508 --shared 50 --margin .05
  python -m benchmark.metrics.plan --coders 3 --notes 100 --shared 100       all code all
"""  # noqa: E501
HEAD = "Expected of 95% intervals (micro Jaccard):"
FEW = 2
"""So many coders cannot speak for others."""
SAME = 0.9
"""An interval that is narrower by less than a tenth is about the same."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        design = Design(options.coders, options.notes, options.shared)
        variances = [SEEN, _between(OPTIMISTIC_SD)]
        if options.sd is not None:
            if not 0 <= options.sd < 1:
                raise ValueError(f"--sd {options.sd:g}: give 0 or more, below 1, such as .05")
            variances = [_between(options.sd)]
        if options.margin is not None and not 0 < options.margin < 1:
            raise ValueError(
                f"--margin {options.margin:g}: give one above 0 and below 1, such as .05"
            )
    except ValueError as error:
        print(f"benchmark.metrics.plan: {error}", file=sys.stderr)
        return 2
    for line in plan_words(design, options.margin, variances):
        print(line)
    return 0


def plan_words(
    design: Design, margin: float | None = None, variances: Sequence[Variances] | None = None
) -> list[str]:
    """What a study of this design could show, a sentence each.

    `variances`: what is expected of coders, the first as they were seen, a second where they
    differ little.

    >>> for line in plan_words(Design(coders=5, notes=508, shared=50), margin=0.05):
    ...     print(line)
    Expected of 95% intervals (micro Jaccard): these 5 coders +-.010.
    An average coder: +-.063 (80% sure: .077), df 4.2; if coders differ by .02: +-.027.
    Non-inferiority with margin .05, if truly equal: power 39%; if coders differ by .02: 97%.
    With 10 coders: +-.037, power 77%. With twice the notes: about the same.
    """
    if variances is None:
        variances = [SEEN, _between(OPTIMISTIC_SD)]
    lines = []
    of_these = width_for_these_coders(design, variances[0])
    if of_these is None:
        return ["One note says nothing: no interval."]
    if design.coders == 1:
        return [
            f"{HEAD} this coder +-{_short(of_these)}.",
            "One coder says nothing of others: no interval for an average coder.",
        ]
    lines.append(f"{HEAD} these {design.coders} coders +-{_short(of_these)}.")
    lines.append(_average(design, variances))
    if margin is not None:
        lines.append(_power(design, margin, variances))
    lines.append(_instead(design, margin, variances[0]))
    return lines


def _average(design: Design, variances: Sequence[Variances]) -> str:
    width = width_for_an_average_coder(design, variances[0])
    assert width is not None  # two coders or more
    words = (
        f"An average coder: +-{_short(width.expected)} "
        f"(80% sure: {_short(width.sure)}), df {width.df:.1f}"
    )
    if design.coders <= FEW:
        words += ": two coders cannot speak for others"
    for other in variances[1:]:
        narrower = width_for_an_average_coder(design, other)
        assert narrower is not None
        words += f"; if coders differ by {_sd(other)}: +-{_short(narrower.expected)}"
    return f"{words}."


def _power(design: Design, margin: float, variances: Sequence[Variances]) -> str:
    words = (
        f"Non-inferiority with margin {_plain(margin)}, if truly equal: "
        f"power {_percent(design, margin, variances[0])}"
    )
    for other in variances[1:]:
        words += f"; if coders differ by {_sd(other)}: {_percent(design, margin, other)}"
    return f"{words}."


def _instead(design: Design, margin: float | None, variances: Variances) -> str:
    """What more coders, or more notes, would do."""
    more_coders = replace(design, coders=2 * design.coders)
    width = width_for_an_average_coder(design, variances)
    wider = width_for_an_average_coder(more_coders, variances)
    assert width is not None and wider is not None
    words = f"With {more_coders.coders} coders: +-{_short(wider.expected)}"
    if margin is not None:
        words += f", power {_percent(more_coders, margin, variances)}"
    twice = replace(design, notes=2 * design.notes, shared=2 * design.shared)
    with_notes = width_for_an_average_coder(twice, variances)
    assert with_notes is not None
    words += ". With twice the notes: "
    if with_notes.expected > SAME * width.expected:
        return f"{words}about the same."
    return f"{words}+-{_short(with_notes.expected)}."


def _percent(design: Design, margin: float, variances: Variances) -> str:
    power = power_for_an_average_coder(design, margin, variances=variances)
    assert power is not None
    return f"{100 * power:.0f}%"


def _between(sd: float) -> Variances:
    return replace(SEEN, between=sd**2)


def _sd(variances: Variances) -> str:
    return _plain(variances.between**0.5)


def _short(share: float) -> str:
    """A share with three digits, without its zero.

    >>> _short(0.0631), _short(1.2)
    ('.063', '1.200')
    """
    return f"{share:.3f}".removeprefix("0")


def _plain(share: float) -> str:
    """A share that somebody wrote, without its zero.

    >>> _plain(0.05), _plain(0.025)
    ('.05', '.025')
    """
    return f"{share:.6g}".removeprefix("0")


def _parser() -> Parser:
    made = Parser(
        prog="python -m benchmark.metrics.plan",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--coders", type=int, required=True, metavar="K")
    made.add_argument("--notes", type=int, required=True, metavar="N", help="distinct notes")
    made.add_argument(
        "--shared",
        type=int,
        default=0,
        metavar="M",
        help="notes of these that every coder codes; the rest is split (default: 0)",
    )
    made.add_argument(
        "--margin", type=float, help="the loss in micro Jaccard that would not matter"
    )
    made.add_argument("--sd", type=float, help="between coders, in place of the two assumed")
    return made


if __name__ == "__main__":
    sys.exit(main())
