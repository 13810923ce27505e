"""Models by their probabilities: their lists, reliability, what may be left to people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.probabilities.calibration import Bin, Calibration
from benchmark.metrics.tables.columns import row_of
from benchmark.metrics.tables.rendering import Column, Row
from benchmark.scoring.document import Document
from benchmark.scoring.probabilities import Abstention, ModelCalibration

FIGURES = (
    Column("5", "P@k", "p@5"),
    Column("8", "P@k", "p@8"),
    Column("15", "P@k", "p@15"),
    Column("8", "R@k", "r@8"),
    Column("15", "R@k", "r@15"),
    Column("AUC", "whole list", "auc_micro"),
    Column("AUC-PR", "whole list", "pr_micro"),
    Column("MAP", "whole list", "map"),
    Column("Precision", "at its best threshold, micro", "micro_precision_dev"),
    Column("Recall", "at its best threshold, micro", "micro_recall_dev"),
    Column("F1", "at its best threshold, micro", "micro_f1_dev"),
    Column("at", "at its best threshold, micro", "threshold_dev"),
)
SIDE = 100
"""Of the square of a reliability curve."""


@dataclass(frozen=True)
class Dot:
    """Codes that a model gave about the same probability, as a point of its curve."""

    bin: Bin

    @property
    def across(self) -> str:
        """From the left, of 100."""
        return f"{SIDE * self.bin.mean_probability:.2f}"

    @property
    def down(self) -> str:
        """From the top, of 100."""
        return f"{SIDE * (1 - self.bin.share_true):.2f}"

    @property
    def predicted_words(self) -> str:
        return _small_percent(self.bin.mean_probability)

    @property
    def true_words(self) -> str:
        return _small_percent(self.bin.share_true)

    @property
    def counts(self) -> tuple[str, str]:
        """Codes of notes in it, and how many of these are right."""
        return f"{self.bin.cells:,}", f"{self.bin.true:,}"

    @property
    def words(self) -> str:
        return (
            f"probability {self.predicted_words}, in the reference {self.true_words} "
            f"({self.bin.true:,} of {self.bin.cells:,})"
        )


@dataclass(frozen=True)
class Reliability:
    """Whether a model's probabilities are true."""

    name: str
    sentences: tuple[str, ...]
    dots: tuple[Dot, ...]
    """From the least sure to the surest."""

    @property
    def path(self) -> str:
        return " ".join(f"{dot.across},{dot.down}" for dot in self.dots)


@dataclass(frozen=True)
class ModelRows:
    """All models whose probabilities are known, as far as they are."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_to_people: tuple[str, ...]
    """What a coder would be left, a sentence a model."""
    curves: tuple[Reliability, ...]
    why_not: Mapping[str, tuple[str, ...]]
    """Model -> why figures are missing."""

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The upper header: (group, columns that it spans)."""
        spans: dict[str, int] = {}
        for column in self.columns:
            spans[column.group] = spans.get(column.group, 0) + 1
        return list(spans.items())


def _small_percent(share: float) -> str:
    """Per cent, with the decimals that a small share needs.

    >>> _small_percent(0.985), _small_percent(0.00052), _small_percent(0)
    ('98.5%', '0.052%', '0%')
    """
    if not share:
        return "0%"
    if share < 0.01:
        return f"{100 * share:.2g}%"
    return f"{100 * share:.1f}%"


def model_rows(document: Document) -> ModelRows | None:
    """None where no model's probabilities are known."""
    if not document.ranking:
        return None
    best = _best(document.ranking)
    rows = []
    for name, values in document.ranking.items():
        marks = tuple(
            column.key in best and values.get(column.key) == best[column.key] for column in FIGURES
        )
        rows.append(row_of("rater", name, FIGURES, values, marks))
    curves = []
    for name, found in document.calibration.items():
        if found is not None:
            curves.append(_reliability(name, found))
    left = []
    for name, abstained in document.abstention.items():
        if abstained is not None:
            left.append(abstention_words(name, abstained))
    return ModelRows(FIGURES, tuple(rows), tuple(left), tuple(curves), _why_not(document))


def _best(ranking: Mapping[str, Mapping[str, float | None]]) -> dict[str, float]:
    """The highest of each column but the threshold's; nothing for a single model."""
    found: dict[str, float] = {}
    if len(ranking) < 2:
        return found
    for column in FIGURES:
        known = [values.get(column.key) for values in ranking.values()]
        told = [value for value in known if value is not None]
        if column.key != "threshold_dev" and len(told) > 1:
            found[column.key] = max(told)
    return found


def abstention_words(name: str, found: Abstention) -> str:
    """What is gained where a model leaves the notes that it is least sure of.

    >>> from benchmark.scoring.probabilities import RiskAt
    >>> risks = [RiskAt(0.5, 0.25), RiskAt(0.8, 0.3), RiskAt(1.0, 0.4)]
    >>> abstention_words("RAC", Abstention(0.3, 0.4, 0.2, risks))
    ... # doctest: +NORMALIZE_WHITESPACE
    'If RAC leaves its least sure 20% of notes to a coder, it agrees with the reference on 70.0% of
    codes on the rest; if it leaves half, on 75.0%; on all notes it is 60.0% (mean Jaccard).'
    """
    kept = {round(risk.share, 2): 100 * (1 - risk.risk) for risk in found.risks}
    return (
        f"If {name} leaves its least sure 20% of notes to a coder, it agrees with the reference on "
        f"{kept[0.8]:.1f}% of codes on the rest; if it leaves half, on {kept[0.5]:.1f}%; on all "
        f"notes it is {kept[1.0]:.1f}% (mean Jaccard)."
    )


def _reliability(name: str, found: ModelCalibration) -> Reliability:
    every = found.every_code
    bins = sorted(every.bins, key=lambda each: each.mean_probability)
    return Reliability(name, tuple(calibration_sentences(name, every)), _dots(bins))


def _dots(bins: Sequence[Bin]) -> tuple[Dot, ...]:
    return tuple(Dot(each) for each in bins if each.cells)


def calibration_sentences(name: str, found: Calibration) -> list[str]:
    """Figures of calibration in words."""
    words = []
    expected = found.expected_over_observed
    if expected is not None:
        sentence = f"{name} expects {expected.value:.2f} times as many codes as there are"
        if expected.interval is not None:
            low, high = expected.interval.low, expected.interval.high
            sentence += f" (95% interval {low:.2f} to {high:.2f}): {_sure(low, high)}"
        words.append(f"{sentence}.")
    if found.rce is not None and found.rce_null is not None:
        words.append(
            f"For every 100 right codes {100 * found.rce:,.0f} are misplaced among probabilities; "
            f"a perfect model would have at most {100 * found.rce_null.high:.0f} by chance."
        )
    if found.skill is not None:
        words.append(
            f"Skill {100 * found.skill:.1f}%: 100 is perfect, 0 no better than each code's "
            "frequency."
        )
    return words


def _sure(low: float, high: float) -> str:
    if low > 1:
        return "it is too sure"
    if high < 1:
        return "it is not sure enough"
    return "about right in all"


def _why_not(document: Document) -> dict[str, tuple[str, ...]]:
    """Each reason once, by model."""
    found: dict[str, dict[str, None]] = {}
    for name, missing in document.not_told.items():
        found.setdefault(name, {}).update(dict.fromkeys(missing.reasons.values()))
    for name, reason in document.uncalibrated.items():
        found.setdefault(name, {})[f"whether they are true: {reason}"] = None
    return {name: tuple(reasons) for name, reasons in found.items()}
