"""Processor time of `python -m rac_model` on one line.

Of the whole command, and of one that loads every library.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINE = '{"note_id": "n1", "text": "Congestive heart failure."}\n'
COMMANDS = {
    "predict, one line": ["predict", "fixtures/rac_demo", "-"],
    "list": ["list"],
}
EVERYTHING = "import gensim.models, pandas, scipy.stats, sklearn.svm"
"""What training and tables need, and coding a note does not."""
ROUNDS = 3


def user_seconds(arguments: Sequence[str], *, before: str = "") -> float:
    """Processor time in user mode of a command, after running `before` in its process."""
    code = f"{before or 'pass'}; import sys; from rac_model.__main__ import main; sys.exit(main())"
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        input=LINE,
        text=True,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began


def show() -> None:
    """Seconds of each command: as it is, and with every library loaded first."""
    print(
        "\npython -m rac_model, seconds of processor time: "
        "as it is, with every library loaded first"
    )
    for name, arguments in COMMANDS.items():
        lean, heavy = [], []
        for _ in range(ROUNDS):
            lean.append(user_seconds(arguments))
            heavy.append(user_seconds(arguments, before=EVERYTHING))
        ratio = min(lean) / min(heavy)
        print(f"{name:18} {min(lean):6.2f} {min(heavy):6.2f}   x {ratio:.2f}")
