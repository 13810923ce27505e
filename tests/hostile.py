"""What may already be where a command is told to write.

And a picture of a folder, to see that nothing is gone.
"""

from __future__ import annotations

from pathlib import Path

OTHERS = (
    "config.json", "manifest.json", "SHA256SUMS", "state.pt", "log.jsonl", "training.json",
    "codes.csv", "tokens.bin", "weights.safetensors", "vocabulary.txt", "metrics.json",
    "NOTEEVENTS.csv", "SYNTHETIC", "reference.csv", "notes.txt",
)  # fmt: skip
"""Names that our commands write too, in a folder that somebody else filled."""


def folder_of_others(path: Path, names: tuple[str, ...] = OTHERS) -> Path:
    """A folder with files and a folder in it that no command of ours made."""
    path.mkdir()
    for name in names:
        (path / name).write_text('{"theirs": true}\n')
    (path / "deep").mkdir()
    (path / "deep" / "thesis.txt").write_text("years of work\n")
    return path


def picture(root: Path) -> dict[str, bytes | str]:
    """Every file's bytes, every link's target and every folder under `root`."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "folder"
    return found
