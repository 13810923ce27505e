"""Everything that a coder's browser receives in a blind study holds no reference, no other coder's
codes and no model's output: the whole traffic is searched, and what the browser keeps."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cast import PASSWORD
from tests.desk.site import ROOT

pytestmark = pytest.mark.browser

SECRETS = """
import json
from django.utils import timezone
from annotation.models import Code, Coding, CodingItem, Rater, Study
from annotation.selectors.code_search import list_for_browser
from annotation.services.codings import Given, coding_append
import gzip
study = Study.objects.get(slug="small")
public = gzip.decompress(list_for_browser(study.code_set)).decode()
listed = study.code_set.codes.values("pk")
free = []
for code in Code.objects.of_systems().exclude(pk__in=listed).order_by("-code"):
    if f'"{code.code}"' not in public and len(code.code) == 6:
        free.append(code)
    if len(free) == 4:
        break
reference, of_coder, of_model, of_panel = free
kinds = Rater.Kind
raters = {
    "Quokka": (kinds.CODER, of_coder, "quokka-words"),
    "Marmot": (kinds.MODEL, of_model, ""),
    "Panel of Wombats": (kinds.PANEL, of_panel, ""),
}
for name, (kind, code, words) in raters.items():
    rater = Rater.objects.create(kind=kind, name=name)
    for note in study.notes.all():
        score = 0.98765 if kind == kinds.MODEL else None
        given = Given(
            note=note,
            scores={code: score},
            source_key=f"{name}:{note.pk}",
            submitted_at=timezone.now(),
            unlisted=words,
        )
        coding_append(study=study, rater=rater, given=given)
for coding in Coding.objects.filter(rater=study.reference):
    CodingItem.objects.create(coding=coding, code=reference)
print(json.dumps([code.code for code in free]))
"""
NAMES = ("Quokka", "quokka-words", "Marmot", "Wombats", "0.98765", "98.765")


@dataclass
class Traffic:
    """All that a browser has received: (address, body)."""

    bodies: list[tuple[str, str]]

    def watch(self, page: Any) -> None:
        page.on("response", self._take)

    def _take(self, response: Any) -> None:
        try:
            body = response.body()
        except Exception:
            return  # a redirect has none
        headers = json.dumps(response.headers)
        self.bodies.append((response.url, headers + body.decode(errors="replace")))

    def with_word(self, word: str) -> list[str]:
        return sorted({address for address, body in self.bodies if word in body})


def test_the_traffic_of_a_coder_holds_nothing_that_others_gave(desk_site, chromium):
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", SECRETS],
        cwd=ROOT,
        env=desk_site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    codes = json.loads(told.stdout.strip().splitlines()[-1])
    traffic = Traffic([])
    context = chromium.new_context()
    page = context.new_page()
    traffic.watch(page)
    page.goto(f"{desk_site.url}/login/")
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue/")
    first, second, *_ = desk_site.left()
    page.goto(f"{desk_site.url}/code/{first}/")
    search_and_tick(page, "chf")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/code/{second}/")
    search_and_tick(page, "diabetes")
    page.goto(f"{desk_site.url}/code/{first}/")
    page.wait_for_selector("#tray-list li")
    page.goto(f"{desk_site.url}/queue/")
    for address in (f"/code/{second}/note/", "/api/v1/codings/", "/help/"):
        page.evaluate("address => fetch(address).then(answer => answer.text())", address)
    page.wait_for_load_state("networkidle")
    addresses = [address for address, _ in traffic.bodies]
    assert any("/note/" in address for address in addresses), "the note fetched ahead is in it"
    assert any("/code/codes/" in address for address in addresses)
    found = {word: traffic.with_word(word) for word in (*codes, *NAMES)}
    assert {word: where for word, where in found.items() if where} == {}
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert [word for word in (*codes, *NAMES) if word in kept] == []
    assert "Unit No" not in kept, "no text of a note either"
    # The search itself works: what the coder gave and the note's text are found in the traffic.
    assert traffic.with_word("Unit No: ") and traffic.with_word("428.0")
    context.close()


def search_and_tick(page: Any, words: str) -> None:
    page.fill("#search", words)
    page.wait_for_selector("#results [data-code]")
    page.press("#search", "Enter")
    page.wait_for_selector("#tray-list li")
    page.wait_for_function("() => document.querySelector('#saved').textContent.includes('Saved')")
