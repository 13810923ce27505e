"""The people of the tests, and a small study for them.

Ada and Ben code, Cid adjudicates, Rae researches, Sam administers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from annotation.models import Batch, CodeSet, Rater, Role, Study, User
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create, icd9_load
from annotation.services.people import user_create
from annotation.services.studies import study_draft
from benchmark.services.checkpoints import model_register
from files.notes import NoteRow

MIMIC_30 = Path(__file__).resolve().parent.parent / "fixtures" / "mimic_30"
PASSWORD = "a long enough phrase"
CODES = ["401.9", "428.0", "427.31", "250.00", "38.93", "96.04", "99.04", "V58.61"]
NOTES = [
    NoteRow(
        f"n{k}",
        f"Note {k}. Patient with hypertension and chest pain. Number {k}.",
        (CODES[k % 8], CODES[(k + 3) % 8]),
    )
    for k in range(12)
]


def person(name: str, role: Role) -> User:
    return user_create(username=name, password=PASSWORD, role=role)


@pytest.fixture
def ada(db) -> User:
    return person("ada", Role.CODER)


@pytest.fixture
def ben(db) -> User:
    return person("ben", Role.CODER)


@pytest.fixture
def rae(db) -> User:
    return person("rae", Role.RESEARCHER)


@pytest.fixture
def cid(db) -> User:
    return person("cid", Role.ADJUDICATOR)


@pytest.fixture
def sam(db) -> User:
    return person("sam", Role.ADMIN)


@pytest.fixture(scope="session")
def ranked_once() -> Iterator[None]:
    """scipy takes half a second to rank a dozen notes exactly, and most tests score the same dozen:
    it is asked once for the same figures."""
    from benchmark.metrics.certainty import paired

    rank, known = paired.signed_rank, {}

    def signed_rank(first, second):
        key = first.tobytes(), second.tobytes()
        if key not in known:
            known[key] = rank(first, second)
        return known[key]

    with pytest.MonkeyPatch.context() as for_all_tests:
        for_all_tests.setattr(paired, "signed_rank", signed_rank)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, ranked_once) -> None:
    """The 18,449 codes go in once for all tests."""
    with django_db_blocker.unblock():
        icd9_load()


@pytest.fixture
def codes(db) -> CodeSet:
    return code_set_create(name="eight", codes=CODES)


@pytest.fixture
def batch(codes) -> Batch:
    return batch_create(
        name="twelve",
        sha256=sha256_of("twelve"),
        origin="synthetic",
        rows=NOTES,
        split="test",
        user=None,
    )[0]


@pytest.fixture
def study(batch, codes, ada, ben) -> Study:
    """A study drafted and marked open without Label Studio.

    Tests about the workstation open one for real.
    """
    coders = [Rater.objects.get(user=ada), Rater.objects.get(user=ben)]
    made = study_draft(
        slug="small",
        batch=batch,
        code_set=codes,
        coders=coders,
        overlap=2,
        seed=1,
        interface="list",
    )
    Study.objects.filter(pk=made.pk).update(status=Study.Status.OPEN)
    made.refresh_from_db()
    return made


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(scope="session")
def title_checkpoint(tmp_path_factory) -> Path:
    """Title matching, made from the thirty-note folder."""
    from rac_model.__main__ import main as rac_model  # only here: it loads PyTorch

    out = tmp_path_factory.mktemp("checkpoint") / "titles"
    assert rac_model(["train", "title-match", "--data", str(MIMIC_30), "--out", str(out)]) in (
        0,
        None,
    )
    return out


@pytest.fixture
def titles(db, title_checkpoint) -> Rater:
    return model_register(folder=title_checkpoint, name="Title matching")
