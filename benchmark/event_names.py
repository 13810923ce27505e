"""The names of the events by which work is asked of a worker, begun and failed."""

from __future__ import annotations

ASKED = "benchmark.asked"
SCORING_BEGUN = "benchmark.begun"
NOT_SCORED = "benchmark.failed"
AGREEMENT_ASKED = "agreement.asked"
AGREEMENT_BEGUN = "agreement.begun"
AGREEMENT_FAILED = "agreement.failed"
