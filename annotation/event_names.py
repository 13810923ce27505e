"""The names of the events that this side looks for again."""

from __future__ import annotations

ACKNOWLEDGED = "guideline.acknowledged"
OPENING, OPENING_BEGUN, NOT_OPENED = "study.opening", "study.opening-begun", "study.not-opened"
WEBHOOKS = "study.webhooks"
DRAFTED = "study.drafted"
DISCARDED, RENAMED, CHANGED = "study.discarded", "study.renamed", "study.changed"
LEAVING_OWED, LEFT = "label-studio.leaving-owed", "label-studio.left"
