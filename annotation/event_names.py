"""Names (verbs) of the events that code looks for again. Other events are only shown to people."""

from __future__ import annotations

ACKNOWLEDGED = "guideline.acknowledged"

# Of a draft: made, changed or given up.
DRAFTED = "study.drafted"
CHANGED = "study.changed"
RENAMED = "study.renamed"
DISCARDED = "study.discarded"

# Of a study at any time: what people call it was changed.
TITLED = "study.titled"

# Of a study that is opened: asked for, begun by a worker, failed; and whether it has its webhooks.
OPENING = "study.opening"
OPENING_BEGUN = "study.opening-begun"
NOT_OPENED = "study.not-opened"
WEBHOOKS = "study.webhooks"

# Of a study's practice set: its notes were drawn and stay the same from then on.
PRACTICE_DRAWN = "practice.drawn"

# Of a log-out that Label Studio could not be told of; and that it was told.
LEAVING_OWED = "label-studio.leaving-owed"
LEFT = "label-studio.left"

DESK_EVENTS = ("paused", "resumed", "idle", "back", "hidden", "shown")
"""What our coding page tells of its clock; the verbs are "coding.paused" and so on."""

# Of a batch: no new study can have it, or can again; its notes are to be removed, and are removed.
WITHDRAWN = "batch.withdrawn"
PUT_BACK = "batch.put-back"
PURGE_ASKED = "batch.purge-asked"
PURGED = "batch.purged"
