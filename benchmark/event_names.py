"""The names of the events by which work is asked of a worker, begun and failed."""

from __future__ import annotations

ASKED, SCORING_BEGUN, NOT_SCORED = "benchmark.asked", "benchmark.begun", "benchmark.failed"
AGREEMENT_ASKED, AGREEMENT_BEGUN, AGREEMENT_FAILED = (
    "agreement.asked",
    "agreement.begun",
    "agreement.failed",
)
