"""An evaluation document made by hand, for tests of what reads one."""

from __future__ import annotations

from typing import Any

from benchmark.metrics.files.table2_document import FORMAT, SHARES
from benchmark.metrics.sets.breakdown import BUCKETS, FIGURES
from icd.codes import KIND_NAMES


def row(system: str, share: float = 0.5, **changes: Any) -> dict[str, Any]:
    """A checkpoint all of whose shares are `share`."""
    figures = {f"{name}{ending}": share for name in FIGURES for ending in ("", "_tuned")}
    return {
        "system": system,
        "name": system.lower().replace(" ", ""),
        "kind": "rac",
        "folder": f"folder-{system}",
        "sha256": "ab" * 32,
        "remark": "",
        "published": {},
        "codes": 9,
        "outside": 0,
        "threshold": 0.5,
        "training": {
            "epochs": 3,
            "best_epoch": 2,
            "stop": "patience",
            "tokens": 2_500_000,
            "seconds": 90.0,
            "cpu_seconds": 60.0,
            "notes_per_second": 12.34,
            "device": "cpu",
            "seed": 0,
            "notes": {"train": 1000, "dev": 50},
            "parameters": 7,
        },
        "metrics": {
            **dict.fromkeys(SHARES, share),
            "codes_per_note": 3.25,
            "codes_per_note_tuned": 4.0,
        },
        "intervals": {"micro_f1": {"low": share - 0.01, "high": share + 0.01}},
        "by_frequency": [{"part": name, "codes": 2, "reference": 4, **figures} for name in BUCKETS],
        "by_kind": [
            {"part": name, "codes": 2, "reference": 4, **figures} for name in KIND_NAMES.values()
        ],
        **changes,
    }


def document(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An evaluation of these rows on forty synthetic notes."""
    return {
        "format": FORMAT,
        "split": "test",
        "data": "small",
        "synthetic": True,
        "notes": 40,
        "notes_sha256": "cd" * 32,
        "reference_codes_per_note": 15.9,
        "reference_outside": 0,
        "reading": "correct",
        "label_space": {"name": "union", "size": 1234, "sha256": "ef" * 32},
        "dev": {"data": "small", "notes": 20},
        "training_counts": [],
        "checkpoints": list(rows),
        **changes,
    }
