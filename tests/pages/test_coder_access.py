"""Who may read how a coder did, and what a coder's own page tells."""

from __future__ import annotations

import re

import pytest

from annotation.models import Rater, Role, Study, User
from annotation.selectors.study_life import onlookers
from tests.cast import logged_in
from tests.pages.coded import SECRET, Counted, address, closed, given_by, read, truth

pytestmark = pytest.mark.slow

STATES = ("open", "closed", "reopened")
MAY = {
    # who: in which states the page and its file open (all others: 403)
    "ada": {"closed"},
    "ben": set(),
    "ada, an adjudicator": set(),
    "ada, a researcher": {"closed"},
    "ada, an admin": {"closed"},
    "rae": set(STATES),
    "sam": set(STATES),
    "cid": set(),
    "somebody else": set(),
}
ROLES = {
    "ada, an adjudicator": Role.ADJUDICATOR,
    "ada, a researcher": Role.RESEARCHER,
    "ada, an admin": Role.ADMIN,
}


def test_who_may_read_how_ada_did(coded, rater, rae, sam, cid, client):
    stranger = User.objects.create_user("stranger", "stranger@example.org", "x", role=Role.CODER)
    users = {"rae": rae, "sam": sam, "cid": cid, "somebody else": stranger}
    users["ben"] = User.objects.get(username="ben")
    for state in STATES:
        if state == "closed":
            closed(coded)
        else:
            Study.objects.filter(pk=coded.pk).update(status=Study.Status.OPEN)
        for who, states in MAY.items():
            user = users.get(who) or User.objects.get(username="ada")
            if who.startswith("ada"):
                User.objects.filter(pk=user.pk).update(role=ROLES.get(who, Role.CODER))
            for page in ("", "feedback.csv"):
                status = logged_in(user).get(address(coded, rater) + page).status_code
                assert status == (200 if state in states else 403), f"{who}, {state}: {status}"
    assert client.get(address(coded, rater)).url.startswith("/login/")


def test_the_coders_own_page_names_nobody_else_and_leads_nowhere_that_is_closed(coded, rater):
    own = rater.user
    closed(coded)
    client = logged_in(own)
    text = read(own, address(coded, rater), a="Ben", b="Human coders", preset="full")
    assert "How you did in coded" in text and "Model of coded" in text
    assert not re.search(r"\b[Bb]en\b|Human coders", text)
    assert SECRET not in text and "coded-1" not in text
    for link in re.findall(r'href="(/(?!static)[^"]*)"', text):
        assert client.get(link, follow=True).status_code == 200, link
    queue = read(own, "/queue/")
    assert f'<a href="{address(coded, rater)}">How you did</a>' in queue
    Study.objects.filter(pk=coded.pk).update(status=Study.Status.OPEN)
    assert "How you did" not in read(own, "/queue/")


def test_nothing_is_told_a_coder_of_notes_that_the_coder_still_codes_elsewhere(coded, rater):
    """The same texts may stand in a study that is open."""
    notes = list(coded.notes.order_by("external_id")[:10])
    other = Study.objects.create(
        slug="elsewhere", batch=coded.batch, code_set=coded.code_set, guideline="x", status="open"
    )
    other.notes.set(notes)
    other.workspaces.create(rater=rater, arm="page")
    closed(coded)
    hidden = {note.external_id for note in notes}
    mine = given_by(coded, rater)
    seen = {note: codes for note, codes in mine.items() if note not in hidden}
    text = read(rater.user, address(coded, rater))
    assert f"{len(mine) - len(seen)} notes are left out until another" in text
    assert f"{100 * Counted(truth(coded), seen).f1:.1f}" in text
    answer = logged_in(rater.user).get(address(coded, rater) + "feedback.csv")
    assert f"On {len(seen)} notes" in answer.content.decode()


def test_who_reopens_is_told_that_coders_could_read_their_own_figures(coded, rater, sam):
    closed(coded)
    coded.refresh_from_db()
    own = [f"{name} (coder, their own figures)" for name in ("Ada", "Ben")]
    assert onlookers(coded) == ["Sam (admin)", *own]


def test_a_person_who_is_no_coder_here_has_no_page(coded, rae, sam):
    model = Rater.objects.get(kind="model")
    elsewhere = Rater.objects.create(kind="coder", name="Elsewhere")
    for pk in (model.pk, coded.reference_id, elsewhere.pk, 10**9):
        assert logged_in(rae).get(f"/studies/coded/coders/{pk}/").status_code == 404
