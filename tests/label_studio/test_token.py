"""Tickets: honoured as signed, for a minute, here, and never otherwise."""

from __future__ import annotations

import pytest

from label_studio_guard.token import LIFETIME, TokenError, sign, sign_admin, verify, verify_admin

SECRET = "a secret of the proper length for a test"
NOW = 1_800_000_000.0


def test_a_ticket_says_what_was_signed() -> None:
    ticket = verify(SECRET, sign(SECRET, "ada@example.org", 3, 14, now=NOW), now=NOW)
    assert (ticket.email, ticket.project, ticket.task, ticket.expires) == (
        "ada@example.org",
        3,
        14,
        int(NOW) + 60,
    )


def test_no_two_tickets_are_alike() -> None:
    first, second = (sign(SECRET, "ada@example.org", 3, 14, now=NOW) for _ in range(2))
    assert verify(SECRET, first, now=NOW).nonce != verify(SECRET, second, now=NOW).nonce


def test_a_ticket_lasts_a_minute() -> None:
    token = sign(SECRET, "ada@example.org", 3, 14, now=NOW)
    verify(SECRET, token, now=NOW + LIFETIME - 1)
    with pytest.raises(TokenError, match="expired"):
        verify(SECRET, token, now=NOW + LIFETIME)


def test_a_ticket_for_another_site_is_refused() -> None:
    with pytest.raises(TokenError, match="another site"):
        verify(
            SECRET, sign(SECRET, "ada@example.org", 3, 14, now=NOW, audience="elsewhere"), now=NOW
        )


@pytest.mark.parametrize("place", [0, 10, -1, -20])
def test_a_ticket_with_one_character_changed_is_refused(place: int) -> None:
    letters = list(sign(SECRET, "ada@example.org", 3, 14, now=NOW))
    letters[place] = "A" if letters[place] != "A" else "Q"
    with pytest.raises(TokenError):
        verify(SECRET, "".join(letters), now=NOW)


@pytest.mark.parametrize("noise", ["", ".", "a", "a.b", "é.é", "a.b.c", "x" * 5000])
def test_noise_is_refused(noise: str) -> None:
    with pytest.raises(TokenError):
        verify(SECRET, noise, now=NOW)


def test_the_two_kinds_of_tickets_do_not_stand_in_for_each_other() -> None:
    with pytest.raises(TokenError, match="another site"):
        verify(SECRET, sign_admin(SECRET, now=NOW), now=NOW)
    with pytest.raises(TokenError, match="another site"):
        verify_admin(SECRET, sign(SECRET, "sam@example.org", 3, 14, now=NOW), now=NOW)


def test_an_admins_ticket_lasts_a_minute() -> None:
    token = sign_admin(SECRET, now=NOW)
    assert verify_admin(SECRET, token, now=NOW + LIFETIME - 1).expires == int(NOW) + LIFETIME
    with pytest.raises(TokenError, match="expired"):
        verify_admin(SECRET, token, now=NOW + LIFETIME)
