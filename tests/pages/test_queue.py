"""A coder's queue: what is left, what was sent and in what state, and the one way to go on."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.event_names import ACKNOWLEDGED
from annotation.models import Assignment, Code, Coding, Draft, Event, Study
from annotation.selectors.pace import Day
from annotation.selectors.queues import queues_of
from annotation.services.codings import Given, coding_append
from annotation.services.studies import guideline_acknowledge, study_draft
from pages.pace_chart import chart_of
from tests.annotation.test_practice import to_practise
from tests.cast import logged_in


def opened(slug: str, batch, codes, ada, **fields: object) -> Study:
    settings = {"overlap": 0, "interface": "page", **fields}
    study = study_draft(slug=slug, batch=batch, code_set=codes, coders=[ada.rater], **settings)
    now = timezone.now()
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN, opened_at=now)
    guideline_acknowledge(study=study, user=ada)
    return study


@pytest.fixture
def desk(batch, codes, ada, db) -> Study:
    """An open study of twelve notes on our page, for Ada alone."""
    return opened("desk", batch, codes, ada)


def send(assignment: Assignment, *codes: str, **given: object) -> None:
    """The coder's answer to a note, by whatever door."""
    chosen = dict.fromkeys(Code.objects.filter(codeset=assignment.study.code_set, code__in=codes))
    fields = {"submitted_at": timezone.now(), "active_seconds": 90.0, **given}
    key = f"t{assignment.pk}.{Coding.objects.count()}"
    coding_append(
        study=assignment.study,
        rater=assignment.rater,
        given=Given(assignment.note, chosen, key, **fields),
    )


def draft(assignment: Assignment, *codes: str) -> Draft:
    return Draft.objects.create(
        assignment=assignment,
        rater=assignment.rater,
        tab="t",
        sequence=1,
        codes=list(codes),
        saved_at=timezone.now(),
    )


def at(study: Study, position: int) -> Assignment:
    return study.assignments.get(rater__user__username="ada", position=position)


def words(client, address: str = "/queue/") -> str:
    """The page as it reads, without its tags."""
    page = client.get(address).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(client, address: str) -> list[str]:
    """The table of sent notes, a line a note."""
    page = client.get(address).content.decode()
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    lines = [re.sub(r"<[^>]+>", " ", row) for row in table.split("</tr>")]
    return [" ".join(html.unescape(line).split()) for line in lines if line.strip()]


def test_one_link_leads_on_to_our_page(desk, ada):
    client = logged_in(ada)
    page = client.get("/queue/").content.decode()
    first = at(desk, 1)
    assert re.search(rf'id="go-on"\s+href="/code/{first.pk}/"', page)
    assert "Begin with note 1" in words(client) and "0 of 12 notes sent" in words(client)
    send(first, "401.9")
    draft(at(desk, 2), "428.0", "401.9")
    assert "Go on with note 2" in words(client)
    assert "Note 2 is begun: 2 codes, saved" in words(client)
    for address in ("/queue/next/",):
        assert client.get(address)["Location"] == f"/code/{at(desk, 2).pk}/"
    assert client.post("/queue/desk/next/")["Location"] == f"/code/{at(desk, 2).pk}/"
    assert client.post(f"/queue/reopen/{first.pk}/")["Location"] == f"/code/{first.pk}/"


def test_the_guideline_is_asked_for_only_where_there_is_a_note_to_go_on_with(desk, ada):
    client = logged_in(ada)
    Event.objects.filter(verb=ACKNOWLEDGED).delete()
    assert "Before you start" in words(client)
    for assignment in desk.assignments.all():
        send(assignment, "401.9")
    page = words(client)
    assert "All notes are sent" in page and "Before you start" not in page
    assert "My sent notes" in page and "Before you open a note again" in page


def test_notes_of_our_page_need_no_label_studio(desk, ada, monkeypatch):
    """Not to go on, nor to reopen one, nor for the queue: nobody waits for it."""

    def nobody(*args: object) -> None:
        raise AssertionError("Label Studio was asked")

    monkeypatch.setattr("pages.queue.workstation", nobody)
    monkeypatch.setattr("annotation.services.sync.workstation", nobody)
    desk.workspaces.update(project_id=7)
    client = logged_in(ada)
    assert client.get("/queue/").status_code == 200
    assert client.get("/queue/next/").status_code == 302
    assert client.post("/queue/desk/next/").status_code == 302
    assert client.post(f"/queue/reopen/{at(desk, 1).pk}/").status_code == 302


def test_notes_of_label_studio_are_entered_by_a_button(batch, codes, ada):
    study = opened("both", batch, codes, ada, interface="list+page")
    in_list = study.assignments.filter(arm="list").order_by("position").first()
    in_page = study.assignments.filter(arm="page").order_by("position").first()
    for each in study.assignments.exclude(pk__in=(in_list.pk, in_page.pk)):
        send(each, "401.9")
    client = logged_in(ada)
    for left, sent in ((in_list, in_page), (in_page, in_list)):
        send(sent, "401.9")
        page = client.get("/queue/").content.decode()
        assert f"with note {left.position}" in words(client)
        assert ('action="/queue/both/next/"' in page) == (left.arm == "list")
        assert (f'href="/code/{left.pk}/"' in page) == (left.arm == "page")
        assert (f'action="/queue/reopen/{sent.pk}/"' in page) == (sent.arm == "list")
        assert (f'href="/code/{sent.pk}/"' in page) == (sent.arm == "page")
        Coding.objects.filter(note=sent.note, study=study).delete()


STATES = {
    "✓ Sent": (["401.9", "428.0"], {}, False, "all"),
    "No listed code applies": ([], {}, False, "none"),
    "A needed code is not listed": (["401.9"], {"unlisted": "a rare one"}, False, "unlisted"),
    "● Changed, not sent": (["401.9"], {}, True, "changed"),
}


@pytest.mark.parametrize("state", STATES)
def test_what_was_sent_stands_there_with_its_state(state, desk, ada):
    chosen, given, changed, show = STATES[state]
    note = at(desk, 3)
    send(note, *chosen, active_seconds=432.0, **given)
    if changed:
        draft(note, "428.0")
    send(at(desk, 4), "401.9", submitted_at=timezone.now() - timedelta(days=3))
    client = logged_in(ada)
    row, other = rows(client, "/queue/")
    assert row.startswith(f"3. {note.note.external_id} {state} {len(chosen)} 7.2 ")
    assert "4. " in other and re.search(r"1\.5 \d+ [A-Z][a-z]+ \d\d:\d\d Open$", other)
    assert row.endswith("Send the change" if changed else "Open")
    shown = rows(client, f"/queue/?study=desk&show={show}")
    assert (len(shown), shown[0]) == (2 if show == "all" else 1, row)
    for other_show in {"none", "unlisted", "changed"} - {show}:
        assert "None of your sent notes" in words(client, f"/queue/?show={other_show}")
    notice = "1 note was changed after you sent it, and the change is not sent."
    assert (notice in words(client)) == changed


def test_the_newest_answer_is_shown_and_the_filters_count(desk, ada):
    send(at(desk, 1), submitted_at=timezone.now() - timedelta(hours=1))
    send(at(desk, 1), "401.9")
    send(at(desk, 2), unlisted="a rare one")
    client = logged_in(ada)
    assert "All 2 Changed, not sent 0 No listed code applies 1 Needed code not listed 1" in words(
        client
    )
    first, second = rows(client, "/queue/?show=nonsense&page=-3")
    assert "2. " in first and "No listed code applies" in first and "not listed" in first
    assert "✓ Sent 1 1.5" in second


def test_minutes_say_their_clock(batch, codes, ada):
    study = opened("list", batch, codes, ada, interface="list")
    send(at(study, 1), "401.9", active_seconds=None, lead_time=600.0)
    client = logged_in(ada)
    assert "✓ Sent 1 10.0 *" in rows(client, "/queue/")[0]
    page = words(client)
    assert "* by Label Studio's clock, from opening to sending, pauses included" in page
    assert "By Label Studio's clock: from opening a note to sending it" in page
    assert "hours at the pace" not in page, "a clock with pauses in it says nothing of the rest"
    send(at(study, 2), "401.9", active_seconds=None, lead_time=None)
    assert "✓ Sent 1 - " in rows(client, "/queue/")[0]


def test_the_rest_is_reckoned_at_the_pace_of_the_last_day(desk, ada):
    for position in range(1, 5):
        send(at(desk, position), "401.9", active_seconds=1800.0)
    client = logged_in(ada)
    assert "to go are about" not in words(client), "four notes are too few to say"
    send(at(desk, 5), "401.9", active_seconds=1800.0)
    page = words(client)
    assert "The 7 to go are about 3.5 hours at the pace of your last day." in page
    assert "Minutes a note, today 30.0 Notes today 5 Codes a note 1.0" in page
    assert "You and the researchers of this study see it. There is no target." in page


def test_the_study_in_hand_comes_first(batch, codes, ada):
    older = opened("older", batch, codes, ada)
    newer = opened("newer", batch, codes, ada, seed=3)

    def order() -> list[str]:
        return [each.study.slug for each in queues_of(ada)]

    assert order() == ["newer", "older"]
    send(at(older, 1), "401.9")
    assert order() == ["older", "newer"]
    draft(at(newer, 1), "401.9")
    assert order() == ["newer", "older"]
    client = logged_in(ada)
    assert words(client).index("Study newer") < words(client).index("Study older")
    asked = words(client, "/queue/?study=older")
    assert asked.index("Study older") < asked.index("Your other studies")
    for assignment in newer.assignments.all():
        send(assignment, "401.9")
    assert order() == ["older", "newer"], "what is finished comes last"
    assert "All notes are sent" in words(client)


def test_another_coders_drafts_and_answers_are_not_shown(batch, codes, ada, ben):
    study = study_draft(
        slug="two", batch=batch, code_set=codes, coders=[ada.rater, ben.rater], overlap=12
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    guideline_acknowledge(study=study, user=ada)
    for each in study.assignments.filter(rater=ben.rater):
        send(each, "427.31", unlisted="words of another's")
        draft(each, "427.31")
    page = logged_in(ada).get("/queue/").content.decode()
    assert "0 of 12" in page and "427.31" not in page and "words of another" not in page
    assert "12 of your notes are also coded by the other coders" in words(logged_in(ada))


def test_practice_stands_there_where_there_is_our_page(batch, codes, ada):
    to_practise(3)
    study = opened("desk", batch, codes, ada)
    client = logged_in(ada)
    assert "3 notes that do not count." in words(client) and "0 of 3 done" in words(client)
    assert 'href="/code/practice/desk/1/"' in client.get("/queue/").content.decode()
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED)
    opened("list", batch, codes, ada, interface="list")
    assert "Practice set" not in words(client)


def test_many_sent_notes_come_by_the_page(desk, ada, monkeypatch):
    monkeypatch.setattr("pages.queue.SENT_A_PAGE", 5)
    for each in desk.assignments.all():
        send(each, "401.9")
    client = logged_in(ada)
    seen = []
    for page in (1, 2, 3):
        seen += rows(client, f"/queue/?study=desk&show=all&page={page}")
    assert len(set(seen)) == len(seen) == 12
    assert "Page 3 of 3" in words(client, "/queue/?page=9")


def test_the_chart_has_the_last_days_and_needs_two():
    today = timezone.localdate()
    days = [Day(today - timedelta(days=k), 2, 4.0 + k) for k in range(7)]
    chart = chart_of(days)
    assert [point.day.median_minutes for point in chart.points] == [8.0, 7.0, 6.0, 5.0, 4.0]
    heights = [point.y for point in chart.points]
    assert heights == sorted(heights), "fewer minutes are lower down"
    assert all(0 < point.x < chart.width and point.above > 0 for point in chart.points)
    assert chart_of(days[:1]) is None and chart_of([]) is None
    assert chart_of([Day(today, 1, None), days[1]]) is None
