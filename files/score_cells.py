"""What is said of a file's scores, and what stands in their cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

from files.cells import CellError

SCORE_NAMES = ("score", "probability", "prob", "p")
"""Names of the column, or of the key beside a code, that has its score."""
NO_NUMBER = (
    "a score is no number; write a probability such as 0.25, or rename the column if it has "
    "something else"
)
GIVEN = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "n", ""), False),
}
"""What cells of a column `given` say."""


@dataclass(frozen=True)
class AskedScores:
    """What the user says of a file's scores; everything else is found out."""

    threshold: float | None = None
    """A code is given where its score is above it."""
    threshold_dev: float | None = None
    """The threshold that the model's own development notes chose."""
    floor: float | None = None
    """Every code with a score above it is listed."""
    every_code: bool = False
    """The file lists every code that the model knows, for every note."""
    logits: bool = False
    """The scores are logits, made into probabilities as they are read."""

    def __post_init__(self) -> None:
        """ValueError for a threshold or a floor that is no probability."""
        for name in ("threshold", "threshold_dev", "floor"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                option = name.replace("_", "-")
                raise ValueError(f"--{option} {value:g} is not between 0 and 1")


def score_written(score: object, *, logits: bool = False) -> float | None:
    """The probability that a cell has; None for an empty one. CellError.

    >>> score_written("0.25"), score_written("0,25"), score_written(1), score_written(" ")
    (0.25, 0.25, 1.0, None)
    >>> score_written("0", logits=True)
    0.5
    """
    if score is None:
        return None
    if isinstance(score, str):
        text = score.strip()
        if not text:
            return None
        number = _number(text)
    elif isinstance(score, int | float) and not isinstance(score, bool):
        number = float(score)
    else:
        raise CellError(NO_NUMBER)
    if not math.isfinite(number):
        raise CellError("a score is no finite number; leave the row out where there is none")
    if logits:
        return _sigmoid(number)
    if not 0 <= number <= 1:
        raise CellError(no_probability(number))
    return number


def given_written(given: object) -> bool | None:
    """What a cell of the column `given` says; None where nothing is said. CellError.

    >>> given_written("1"), given_written("no"), given_written(""), given_written(None)
    (True, False, False, None)
    """
    if given is None or isinstance(given, bool):
        return given
    plain = str(given).strip().lower()
    if plain not in GIVEN:
        raise CellError("given is neither 0 nor 1; write one of the two")
    return GIVEN[plain]


def _number(text: str) -> float:
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        if "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise CellError(NO_NUMBER) from None


def is_number(text: str) -> bool:
    """Whether a cell has a number, of whatever size.

    >>> is_number("0.5"), is_number("-3,1"), is_number("high"), is_number("")
    (True, True, False, False)
    """
    try:
        _number(text.strip())
    except CellError:
        return False
    return True


def no_probability(number: float) -> str:
    """What is wrong with a score outside 0 to 1."""
    return (
        f"the score {number:g} is not between 0 and 1; write probabilities, "
        "or say --logits where these are logits"
    )


def _sigmoid(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))
