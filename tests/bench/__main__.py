"""`make bench`: how fast the ruler and the models are, then every page of a large study.

On one thread, beside what one would take instead.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import torch

from tests.bench import rac, reader, ruler, scores, start_up, systems, title_match

FLAGS = ("avx2", "avx512_f", "avx512_bf16", "amx_bf16")


def machine() -> str:
    """The processor, and how busy it is: figures of a busy machine are worth less."""
    has = torch.cpu.get_capabilities()
    flags = " ".join(flag for flag in FLAGS if has.get(flag))
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    name = has.get("cpu_name", platform.machine())
    return (
        f"{name}, {os.cpu_count()} cores ({flags}), PyTorch {torch.__version__}, "
        f"one thread; load before: {load}"
    )


def main() -> None:
    print(machine())
    ruler.show()
    reader.show()
    scores.show()
    torch.set_num_threads(1)
    start_up.show()
    title_match.show()
    with torch.inference_mode():
        rac.show()
        systems.show()
    # In a process of its own, for its memory.
    subprocess.run([sys.executable, "-m", "tests.bench.certainty"], check=False)
    for database in ("sqlite", "postgresql"):  # each in a process of its own, with its own settings
        subprocess.run([sys.executable, "-m", "tests.bench.pages", database], check=False)


if __name__ == "__main__":
    main()
