"""A study's life with a real Label Studio.

Closed it takes no answer; a draft leaves nothing there.
"""

from __future__ import annotations

import secrets

import pytest

from annotation.label_studio.client import LabelStudioRefused
from annotation.models import Coding, Study, User
from annotation.selectors.study_life import reopenings_told
from annotation.services.drafts import draft_change, draft_discard
from annotation.services.studies import study_draft, study_open
from annotation.services.study_life import study_close, study_reopen
from annotation.services.sync import Pulled, workspace_pull

pytestmark = pytest.mark.label_studio


@pytest.fixture
def client(label_studio, settings):
    settings.LABEL_STUDIO_URL = label_studio.url
    settings.LABEL_STUDIO_TOKEN = label_studio.token
    settings.GUARD_SECRET = label_studio.secret
    return label_studio.client()


@pytest.fixture
def draft(batch, codes, ada, ben) -> Study:
    return study_draft(
        slug=f"live-{secrets.token_hex(4)}",
        batch=batch,
        code_set=codes,
        coders=[ada.rater, ben.rater],
        overlap=0,
        sample=6,
        interface="list",
    )


def test_closed_and_reopened(draft, client, ada, label_studio):
    study_open(study=draft, actor=None)
    space = draft.workspaces.get(rater=ada.rater)
    token = client.ensure_account(ada.email, "Ada").token
    first, second, third = draft.assignments.filter(rater=ada.rater).values_list(
        "task_id", flat=True
    )
    client.submit(token, first, ["401.9"], 5.0)
    study_close(study=Study.objects.get(), actor=None)
    assert Coding.objects.filter(study=draft).count() == 1, "the last pull"
    with pytest.raises(LabelStudioRefused):
        client.submit(token, second, ["401.9"], 5.0)
    # Only an admin of Label Studio itself can.
    client.submit(label_studio.token, second, ["428.0"], 5.0)
    study = Study.objects.get()
    protocol = study.protocol_sha256
    reopening = study_reopen(study=study, actor=None)
    study = Study.objects.get()
    assert (study.status, study.closed_at, study.protocol_sha256) == ("open", None, protocol)
    client.submit(token, third, ["428.0"], 5.0)
    space.refresh_from_db()
    assert workspace_pull(workspace=space) == Pulled(stored=1, quarantined=1)
    assert workspace_pull(workspace=space) == Pulled(), "what was quarantined stays so"
    assert study.quarantined.get().reason == "answered after the study was closed"
    (told,) = reopenings_told(study)
    assert told["answers"] == 1 and told["reopened_at"] == reopening.reopened_at.isoformat()


def half_loaded(draft, label_studio, ben) -> int:
    """Ada's project stands; Ben has an address that Label Studio refuses to make a coder of."""
    User.objects.filter(pk=ben.pk).update(email=label_studio.admin_email)
    with pytest.raises(LabelStudioRefused):
        study_open(study=Study.objects.get(), actor=None)
    return Study.objects.get().workspaces.get(rater__name="Ada").project_id


def gone(client, project: int) -> bool:
    try:
        return client.task_texts_sha256(project) == {}
    except LabelStudioRefused as refusal:
        return refusal.status == 404


def test_a_half_loaded_draft_leaves_nothing_in_label_studio(draft, client, label_studio, ada, ben):
    project = half_loaded(draft, label_studio, ben)
    assert not gone(client, project)
    changed = draft_change(
        study=draft,
        seen=draft.protocol_sha256,
        actor=None,
        slug=f"{draft.slug}-2",
        batch=draft.batch,
        code_set=draft.code_set,
        coders=[ada.rater, ben.rater],
        sample=4,
        overlap=0,
        interface="search",
        guideline="Code.",
        seed=2,
    )
    assert gone(client, project)
    assert not changed.workspaces.filter(project_id__isnull=False).exists()
    project = half_loaded(changed, label_studio, ben)
    client.delete_project(project)
    client.delete_project(project)  # somebody was quicker
    draft_discard(study=Study.objects.get(), actor=None)
    assert gone(client, project) and not Study.objects.exists()


def test_what_a_coder_has_answered_there_is_not_deleted(draft, client, label_studio, ada, ben):
    project = half_loaded(draft, label_studio, ben)
    task = draft.assignments.filter(rater=ada.rater).first().task_id
    client.submit(client.ensure_account(ada.email, "Ada").token, task, ["401.9"], 5.0)
    with pytest.raises(
        ValueError, match=f"Ada has answered in Label Studio already; open {draft.slug} instead"
    ):
        draft_discard(study=Study.objects.get(), actor=None)
    assert len(client.annotation_ids(project)) == 1 and Study.objects.get().assignments.count() == 6
