"""How dense the code is: `make style`. Signs, not limits; what they are for is in CONTRIBUTING.md.

Blank lines, migrations and tests are left out. Folders as arguments: those alone, a line each.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, quantiles

ROOT = Path(__file__).resolve().parent.parent
LONG_CODE = 100
LONG_TEMPLATE = 120
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
HEAD = (
    f"{'':20}{'lines':>7}{'mean':>6}{'> 100':>8}{'comprehensions':>16}{'conditionals':>14}"
    f"{'function':>14}{'docstrings':>12}{'fmt: skip':>11}"
)


@dataclass
class Figures:
    """What is counted of some Python files."""

    lengths: list[int] = field(default_factory=list)
    comprehensions: int = 0
    conditionals: int = 0
    functions: list[int] = field(default_factory=list)
    documented: int = 0
    skips: int = 0

    def read(self, path: Path) -> None:
        """Add a file."""
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.strip()]
        self.lengths += [len(line) for line in lines]
        self.skips += sum("# fmt: skip" in line or "# fmt: off" in line for line in lines)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, COMPREHENSIONS):
                self.comprehensions += 1
            elif isinstance(node, ast.IfExp):
                self.conditionals += 1
            elif isinstance(node, ast.FunctionDef):
                self._read_function(node)

    def _read_function(self, node: ast.FunctionDef) -> None:
        self.functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
        if ast.get_docstring(node):
            self.documented += 1

    def line(self, name: str) -> str:
        """One line of the table: shares in per cent, comprehensions and conditionals a kloc."""
        lines = len(self.lengths)
        thousands = lines / 1000
        long = 100 * sum(length > LONG_CODE for length in self.lengths) / lines
        ninth = quantiles(self.functions, n=10)[-1] if len(self.functions) > 1 else 0
        function = f"{median(self.functions or [0]):.0f} / {ninth:.0f}"
        documented = 100 * self.documented / max(len(self.functions), 1)
        return (
            f"{name:20}{lines:>7,}{mean(self.lengths):>6.1f}{long:>7.2f}%"
            f"{self.comprehensions / thousands:>16.1f}{self.conditionals / thousands:>14.1f}"
            f"{function:>14}{documented:>11.0f}%{self.skips:>11}"
        )


def tracked(pattern: str) -> list[Path]:
    """The files of the repository of this pattern, but for tests and migrations."""
    command = ["git", "ls-files", pattern]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in names.splitlines()]
    return [path for path in paths if path.parts[0] != "tests" and "migrations" not in path.parts]


def code(only: list[str]) -> None:
    """The table of Python files: all, then a line a top folder."""
    by_folder: dict[str, Figures] = {}
    everything = Figures()
    for path in tracked("*.py"):
        folder = path.parts[0]
        if len(path.parts) > 1 and (not only or folder in only):
            by_folder.setdefault(folder, Figures()).read(ROOT / path)
            everything.read(ROOT / path)
    if not everything.lengths:
        sys.exit(f"no code of ours in {', '.join(only)}: tests and migrations are left out")
    print(HEAD)
    print(everything.line("all"))
    for folder, figures in by_folder.items():
        print(figures.line(folder))


def templates() -> None:
    """How many lines of templates are too long to read at a glance."""
    lengths: list[int] = []
    for path in tracked("*.html"):
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        lengths += [len(line) for line in lines if line.strip()]
    long = sum(length > LONG_TEMPLATE for length in lengths)
    share = 100 * long / len(lengths)
    longest = max(lengths)
    words = f"{len(lengths):,} lines, {share:.1f}% over {LONG_TEMPLATE}, longest {longest}"
    print(f"\ntemplates: {words}")


if __name__ == "__main__":
    code(sys.argv[1:])
    templates()
