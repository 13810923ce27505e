"""What can be said of a study's raters when nothing says which codes are right.

Who agrees with whom.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Max

from annotation.models import Coding, Study, User
from annotation.selectors.asked import PATIENCE_SECONDS, Asked, last_asked
from annotation.selectors.study_life import reopenings_told
from annotation.services.events import event_record
from benchmark.event_names import AGREEMENT_ASKED, AGREEMENT_BEGUN, AGREEMENT_FAILED
from benchmark.metrics.codings import axes_of
from benchmark.models import Agreements
from benchmark.scoring.agreement import agreement_figures
from benchmark.scoring.document import AgreementDocument, Reopened, read_agreement, written
from benchmark.scoring.figures import RULER
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.benchmarks import is_large
from benchmark.selectors.inputs import label_space
from benchmark.selectors.raters import coders_of, people_of, table1_codings, table1_raters

AGAIN_SECONDS = 60
"""After a failure, before it is asked again."""
Queue = Callable[[int], object]


@dataclass(frozen=True)
class Found:
    """Who agrees with whom, or that a worker has been asked to find it out."""

    document: AgreementDocument | None
    asked: Asked | None = None


def agreements_of(study: Study) -> AgreementDocument:
    """From today's codings: every two raters, the coders among themselves, each against the
    majority of the others."""
    coders = coders_of(study)
    others = {}
    for name, rater in table1_raters(study).items():
        if rater:
            others[name] = table1_codings(study, rater)
    space = label_space(study, PRESETS["paper"], {}, {}, [])
    axes = axes_of([*coders.values(), *others.values()], space.codes)
    figures = agreement_figures(
        axes,
        space,
        reference={},
        coders={name: axes.encode(codings) for name, codings in coders.items()},
        others={name: axes.encode(codings) for name, codings in others.items()},
    )
    return AgreementDocument(
        **vars(figures), reopened=[Reopened(**each) for each in reopenings_told(study)]
    )


def agreements_found(study: Study, queue: Queue, actor: User | None = None) -> Found:
    """Who agrees with whom today: as stored, computed now if codings are few, else asked for.

    `queue(study id)` asks a worker.
    """
    inputs = _inputs(study)
    stored = Agreements.objects.filter(study=study, input_sha256=inputs).first()
    if stored:
        return Found(read_agreement(stored.document))
    if not is_large(study):
        return Found(agreements_store(study))
    asked = _last_asked(study)
    if not _is_asked(asked, inputs):
        event_record(actor=actor, verb=AGREEMENT_ASKED, object=f"study:{study.slug}", inputs=inputs)
        queue(study.pk)
        asked = _last_asked(study)
    return Found(None, asked)


def _last_asked(study: Study) -> Asked | None:
    return last_asked(study, AGREEMENT_ASKED, AGREEMENT_BEGUN, AGREEMENT_FAILED)


def _is_asked(asked: Asked | None, inputs: str) -> bool:
    """Whether a worker may be computing it, or failed a moment ago."""
    if asked is None:
        return False
    if asked.error:
        return asked.seconds < AGAIN_SECONDS
    return asked.seconds < PATIENCE_SECONDS and asked.data.get("inputs") == inputs


def agreements_store(study: Study) -> AgreementDocument:
    """Compute who agrees with whom, and keep it."""
    inputs = _inputs(study)
    document = agreements_of(study)
    Agreements.objects.update_or_create(
        study=study, defaults={"input_sha256": inputs, "document": json.dumps(written(document))}
    )
    return document


def agreements_begun(study: Study) -> None:
    """Record that a worker has begun to compute it."""
    event_record(actor=None, verb=AGREEMENT_BEGUN, object=f"study:{study.slug}")


def agreements_failed(study: Study, error: str) -> None:
    """Record that a worker could not, for the page that waits.

    `error` is the error's kind, no words.
    """
    event_record(actor=None, verb=AGREEMENT_FAILED, object=f"study:{study.slug}", error=error)


def _inputs(study: Study) -> str:
    """A hash that changes with the codings and with the raters' names.

    Codings are appended and never changed, so their number and the newest one tell.
    """
    codings = Coding.objects.filter(study=study).aggregate(Count("pk"), Max("pk"))
    names = [*map(str, people_of(study)), *table1_raters(study)]
    everything = [RULER, codings, names, study.code_set.sha256, reopenings_told(study)]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
