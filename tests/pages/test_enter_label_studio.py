"""The admins' way into Label Studio.

A button for them alone, a ticket for one use, and an event.
"""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import reverse

from annotation.models import Event, User
from annotation.services.workstation import admin_sign_in_url
from label_studio_guard.token import verify_admin
from tests.cast import logged_in
from tests.live import free_port

SECRET = "a secret of the proper length for a test"


@pytest.mark.parametrize("name", ["ada", "cid", "rae"])
def test_only_admins_have_the_button(name: str, request: pytest.FixtureRequest) -> None:
    client = logged_in(request.getfixturevalue(name))
    assert b"Label Studio</button>" not in client.get("/", follow=True).content
    assert client.post(reverse("label-studio-enter")).status_code == 403


def test_an_admin_has_the_button_and_presses_it(sam: User) -> None:
    client = logged_in(sam)
    assert b"Label Studio</button>" in client.get("/").content
    assert client.get(reverse("label-studio-enter")).status_code == 405


@override_settings(GUARD_SECRET=SECRET, LABEL_STUDIO_PUBLIC_URL="https://notes.example.org")
def test_the_ticket_is_an_admins_and_who_took_it_is_recorded(sam: User) -> None:
    address, _, token = admin_sign_in_url(sam).partition("?token=")
    assert address == "https://notes.example.org/guard/admin"
    assert verify_admin(SECRET, token).nonce
    assert Event.objects.get(verb="label-studio.entered").actor == sam


def test_without_label_studio_the_page_says_so_and_logging_out_goes_on(sam: User) -> None:
    client = logged_in(sam)
    with override_settings(LABEL_STUDIO_URL=f"http://127.0.0.1:{free_port()}"):
        answer = client.post(reverse("label-studio-enter"), follow=True)
        assert b"Label Studio cannot be reached" in answer.content
        assert not Event.objects.filter(verb="label-studio.entered").exists()
        assert client.post(reverse("logout")).status_code == 302
