"""A file of codings between the upload and the confirmation: whose it is, and that it goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from annotation.models import Coding, Rater, Study, Upload, User
from annotation.selectors.uploads import parts_of
from benchmark.services import codings_uploads
from benchmark.services.codings_uploads import codings_uploads_sweep
from tests.cast import logged_in
from tests.imports import confirmed, looked_at

GOOD = b"note_id,code\nn0,401.9\nn1,428.0\n"
BAD = b"note_id,code\nn0,401.9\nn0,I10\nn1,I10\nn2,x1\n"
VENDOR = {"rater": "Vendor", "kind": "model"}
ADDRESS = "/studies/small/import/"


def the_upload() -> Upload:
    return Upload.objects.latest("pk")


def there(upload: Upload) -> bool:
    """Whether its file is still in the folder."""
    return any(path.exists() for path in parts_of(upload))


def codings() -> int:
    return Coding.objects.filter(rater__name="Vendor").count()


def test_the_file_is_kept_privately_until_it_is_stored(study, rae):
    client = logged_in(rae)
    page = looked_at(client, ADDRESS, "mine.csv", GOOD, **VENDOR)
    upload = the_upload()
    [path] = parts_of(upload)
    assert path.parent == settings.UPLOADS and path.stat().st_mode & 0o777 == 0o600
    assert "mine" not in path.name and upload.owner == rae
    assert codings() == 0 and "mine.csv" in client.get(ADDRESS).content.decode()
    assert "2 new codings" in confirmed(client, page).content.decode()
    assert codings() == 2 and not there(upload)
    again = client.post(f"/imports/{upload.pk}/confirm/", {"shown": "x"}, follow=True)
    assert "Nothing was stored" in again.content.decode() and codings() == 2


def test_nobody_else_can_see_or_confirm_it(study, rae, sam, cid, ada):
    looked_at(logged_in(rae), ADDRESS, "mine.csv", GOOD, **VENDOR)
    upload = the_upload()
    for other, status in ((sam, 404), (cid, 403), (ada, 403)):
        client = logged_in(other)
        assert client.get(f"/imports/{upload.pk}/").status_code == status
        for deed in ("confirm", "discard", "check"):
            assert client.post(f"/imports/{upload.pk}/{deed}/").status_code == status
        assert client.get(f"/imports/{upload.pk}/errors.csv").status_code == status
    assert there(upload) and codings() == 0


def test_who_codes_in_the_study_by_then_cannot_go_on(study, rae):
    """What is shown of a study is shown to those alone who may see its results."""
    looked_at(logged_in(rae), ADDRESS, "mine.csv", GOOD, **VENDOR)
    rater = Rater.objects.create(kind="coder", name="Rae", user=rae)
    study.workspaces.create(rater=rater, arm="list")
    client = logged_in(User.objects.get(pk=rae.pk))
    assert client.get(f"/imports/{the_upload().pk}/").status_code == 403
    assert client.post(f"/imports/{the_upload().pk}/confirm/").status_code == 403


def test_it_is_discarded_by_hand_or_after_a_day(study, rae):
    client = logged_in(rae)
    for _ in range(2):
        looked_at(client, ADDRESS, "mine.csv", GOOD, **VENDOR)
    first, second = Upload.objects.order_by("pk")
    assert "discarded" in client.post(f"/imports/{first.pk}/discard/", follow=True).content.decode()
    assert not there(first) and there(second)
    Upload.objects.filter(pk=second.pk).update(created_at=timezone.now() - timedelta(days=2))
    codings_uploads_sweep()
    second.refresh_from_db()
    assert not there(second) and second.state == "discarded"
    assert "was discarded" in client.get(f"/imports/{second.pk}/", follow=True).content.decode()
    assert codings() == 0


def test_a_refused_file_is_checked_again_with_other_choices(study, rae):
    client = logged_in(rae)
    page = looked_at(client, ADDRESS, "mine.csv", BAD, **VENDOR)
    shown = page.content.decode()
    assert page.status_code == 422 and "3 errors" in shown and "of 2 causes" in shown
    assert "A code is of ICD-10" in shown and "(2 times)" in shown
    assert "“Strings that are no codes” below, keep or leave out" in shown
    assert "--unknown" not in shown
    upload = the_upload()
    rows = client.get(f"/imports/{upload.pk}/errors.csv")
    assert rows["Content-Type"].startswith("text/csv")
    assert rows.content.decode().splitlines()[0] == "row,cause,message"
    assert len(rows.content.decode().splitlines()) == 4
    page = client.post(f"/imports/{upload.pk}/check/", {**VENDOR, "unknown": "drop"}, follow=True)
    assert page.status_code == 200 and "Left out, no codes: 3 of 4 given" in page.content.decode()
    assert client.get(f"/imports/{upload.pk}/errors.csv").status_code == 404
    confirmed(client, page)
    assert codings() == 3


def test_what_is_stored_is_what_was_shown(study, rae):
    """Checked anew in another tab, or changed by what came in meanwhile: it is shown again."""
    client = logged_in(rae)
    page = looked_at(client, ADDRESS, "mine.csv", GOOD, **VENDOR)
    upload = the_upload()
    other = client.post(f"/imports/{upload.pk}/check/", {**VENDOR, "rater": "Other"}, follow=True)
    assert "checked anew meanwhile" in confirmed(client, page).content.decode()
    assert not Rater.objects.filter(name__in=["Vendor", "Other"]).exists()
    Rater.objects.create(kind="model", name="Other")
    page = confirmed(client, other)
    assert "something has changed since you looked" in page.content.decode()
    assert not Coding.objects.filter(rater__name="Other").exists()
    confirmed(client, page)
    assert Coding.objects.filter(rater__name="Other").count() == 2


def test_a_large_file_is_read_by_a_worker_or_here(study, rae, monkeypatch):
    monkeypatch.setattr("pages.codings.LARGE", 10)
    client = logged_in(rae)
    page = looked_at(client, ADDRESS, "mine.csv", GOOD, **VENDOR)
    shown = page.content.decode()
    assert "Waiting for a worker" in shown and 'http-equiv="refresh"' in shown
    codings_uploads_sweep()
    page = client.get(f"/imports/{the_upload().pk}/")
    assert "Store 2 codings in small" in page.content.decode()
    assert "Storing mine.csv" in confirmed(client, page).content.decode()
    Upload.objects.update(changed_at=timezone.now() - timedelta(seconds=30))
    assert "do it right here" in client.get(f"/imports/{the_upload().pk}/").content.decode()
    client.post(f"/imports/{the_upload().pk}/check/")
    assert codings() == 2 and not there(the_upload())


def test_a_file_over_the_limit_is_not_kept(study, rae, settings):
    settings.UPLOAD_LIMIT = 100
    client = logged_in(rae)
    for size, status in ((200, 422), (2**20 + 200, 413)):
        page = looked_at(client, ADDRESS, "mine.csv", GOOD + b"x" * size, **VENDOR)
        assert page.status_code == status and "over the limit" in page.content.decode()
    assert not Upload.objects.exists()


def test_a_broken_check_says_so_and_can_be_tried_again(study, rae, monkeypatch):
    def broken(upload):
        raise RuntimeError("secret")

    client = logged_in(rae)
    with monkeypatch.context() as patched:
        patched.setattr(codings_uploads, "plan_again", broken)
        page = looked_at(client, ADDRESS, "mine.csv", GOOD, **VENDOR)
    shown = page.content.decode()
    assert "it failed (RuntimeError)" in shown and "secret" not in shown
    page = client.post(f"/imports/{the_upload().pk}/check/", VENDOR, follow=True)
    confirmed(client, page)
    assert codings() == 2


@pytest.mark.parametrize("slug", ["small", "new"])
def test_a_name_that_was_taken_meanwhile(study, rae, slug):
    client = logged_in(rae)
    page = looked_at(client, "/studies/from-codings/", "r.csv", GOOD, slug="made")
    Study.objects.filter(slug="small").update(slug="made")
    page = confirmed(client, page)
    assert page.status_code == 422 and "the name made is taken" in page.content.decode().lower()
