"""What a check said of many codes, counted: totals first, then examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from icd.check import MENDS, Answer, Cause, Fold, NoCode, Refused, Standing, Taken

EXAMPLES = 5


@dataclass
class CodeTally:
    """The answers to the codes of a file or a table, counted as they come."""

    taken: int = 0
    no_code: int = 0
    """Cells that said so in a word: NULL, nan, N/A."""
    folds: Counter[Fold] = field(default_factory=Counter)
    retired: Counter[str] = field(default_factory=Counter)
    """Retired code -> how many times it was given."""
    alike: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Retired code -> the codes that a spreadsheet would have written alike."""
    unlisted: Counter[str] = field(default_factory=Counter)
    """Procedure that version 32 lacks -> how many times it was given."""
    refused: dict[Cause, Counter[str]] = field(default_factory=dict)
    """Cause -> the strings refused for it, as they may be shown -> how many times each."""
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Refused string -> what it may have been."""

    def add(self, answer: Answer, times: int = 1) -> None:
        """Count an answer."""
        if isinstance(answer, NoCode):
            self.no_code += times
        elif isinstance(answer, Refused):
            self.refused.setdefault(answer.cause, Counter())[answer.shown] += times
            self.candidates[answer.shown] = answer.candidates
        else:
            self._add_taken(answer, times)

    def _add_taken(self, answer: Taken, times: int) -> None:
        self.taken += times
        for fold in answer.folds:
            self.folds[fold] += times
        if answer.standing == Standing.RETIRED:
            self.retired[answer.code] += times
            if answer.candidates:
                self.alike[answer.code] = answer.candidates
        if answer.standing == Standing.UNLISTED:
            self.unlisted[answer.code] += times

    @property
    def refusals(self) -> int:
        """How many codes were refused."""
        return sum(sum(strings.values()) for strings in self.refused.values())

    def remarks(self) -> Iterator[str]:
        """A sentence each on what was folded, dropped or marked."""
        if self.no_code:
            yield f"{_of(self.no_code, 'cell')} said that there is no code (NULL, nan, N/A ...)"
        if self.folds:
            parts = [f"{count} {fold}" for fold, count in sorted(self.folds.items())]
            yield f"spelling of codes changed: {', '.join(parts)}"
        if self.retired:
            yield f"{_counted(self.retired, 'retired')}{self._alike()}"
        if self.unlisted:
            yield _counted(self.unlisted, "not in version 32")

    def _alike(self) -> str:
        if not self.alike:
            return ""
        code, others = min(self.alike.items())
        made = f"{code} of {' or '.join(others)}"
        return f"; {len(self.alike)} of them a spreadsheet may have made ({made}): check these"

    def reasons(self) -> Iterator[str]:
        """A sentence each on what was refused and how to mend it, the most frequent cause first."""
        for cause, words in self._by_cause(EXAMPLES):
            yield f"{words}; {MENDS[cause]}"

    def refused_words(self, most: int) -> Iterator[str]:
        """A sentence each on what was refused, with up to `most` strings of a cause."""
        for _, words in self._by_cause(most):
            yield words

    def refused_strings(self) -> frozenset[str]:
        """Every string that was refused, as it may be shown."""
        return frozenset().union(*self.refused.values())

    def _by_cause(self, most: int) -> Iterator[tuple[Cause, str]]:
        for cause, strings in sorted(self.refused.items(), key=lambda item: -sum(item[1].values())):
            examples = []
            for string, count in strings.most_common(most):
                may_be = " or ".join(self.candidates[string][:3])
                examples.append(f"{string} ({count:,}{f', {may_be}?' if may_be else ''})")
            others = len(strings) - most
            more = f" and {others:,} more" if others > 0 else ""
            total = _of(sum(strings.values()), "code")
            yield cause, f"{total}: {cause}: {', '.join(examples)}{more}"


def _counted(codes: Counter[str], what: str) -> str:
    """For example "3 codes of 2 kinds are retired: 518.5 (2), 780.6 (1)"."""
    shown = ", ".join(f"{code} ({count})" for code, count in codes.most_common(EXAMPLES))
    total = sum(codes.values())
    subject = "1 code is" if total == 1 else f"{total} codes of {_of(len(codes), 'kind')} are"
    return f"{subject} {what}: {shown}{' ...' if len(codes) > EXAMPLES else ''}"


def _of(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
