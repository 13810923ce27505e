"""A batch's way out on a phone, by keyboard and without scripts."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotation.models import Purge, Study
from benchmark.selectors.purges import beyond_reach
from tests.answered import opened
from tests.browser import launched
from tests.cast import logged_in

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def answers(study, sam) -> dict[str, tuple[dict[str, str], bytes]]:
    """Address -> (headers, body) of each page of the way out."""
    Study.objects.filter(pk=study.pk).update(status="closed")
    batch = f"/batches/{study.batch_id}/"
    client = logged_in(sam)
    found = {}
    for address in (batch, f"{batch}withdraw/", f"{batch}purge/"):
        found[address] = client.get(address)
    step = {"at": timezone.now().isoformat(), "texts": 12, "notes_kept_by_id": 12}
    ended = {"done": {"rows": step}, "studies": ["small"], "finished_at": timezone.now()}
    under_way = {
        "done": {},
        "trouble": {"label-studio": "Label Studio does not answer (" + "x" * 60},
    }
    for values in (ended, under_way):
        purge = Purge.objects.create(number=1, name="a-long-name-" * 9, notes=12, **values)
        purge.beyond = beyond_reach(purge)
        purge.save()
        found[f"/purges/{purge.pk}/"] = client.get(f"/purges/{purge.pk}/")
    return {address: (dict(got.headers), got.content) for address, got in found.items()}


def test_it_fits_a_phone_without_scripts_and_the_name_is_sent_by_keyboard(answers):
    with launched() as browser:
        for address in answers:
            page = opened(
                browser, answers, address, viewport=PHONE, has_touch=True, java_script_enabled=False
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
            page.close()
        address = next(address for address in answers if address.endswith("/purge/"))
        page = opened(browser, answers, address, viewport=PHONE, java_script_enabled=False)
        sent = []
        page.on("request", lambda asked: sent.append((asked.method, asked.post_data)))
        page.get_by_label("Type the name twelve to go on").focus()
        page.keyboard.type("twelve")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert any(method == "POST" and "name=twelve" in body for method, body in sent)
