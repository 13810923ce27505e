"""What goes wrong between us and Label Studio, in words that hold no note text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
from label_studio_sdk.core.api_error import ApiError


class LabelStudioError(RuntimeError):
    """Label Studio did not do what it was asked for. The words hold no note text."""


class LabelStudioDown(LabelStudioError):
    """Nothing answers at the address, or not in time: worth trying again later."""


class LabelStudioRefused(LabelStudioError):
    """Label Studio or its guard answered and said no.

    `what` was asked for, `status` is the HTTP status, `why` says more, without any note text.
    """

    def __init__(self, what: str, status: int | None, why: str = "") -> None:
        reason = why or f"status {status}"
        super().__init__(f"Label Studio refused to {what}: {reason}")
        self.status = status


@contextmanager
def errors(what: str, why: Callable[[ApiError], str] = lambda error: "") -> Iterator[None]:
    """Turn errors of the SDK and of HTTP into ours.

    Their own words are left out: they carry what the server answered, and that may hold note text.
    `why` makes words of such an answer where it is known to hold none.
    """
    try:
        yield
    except ApiError as error:
        raise LabelStudioRefused(what, error.status_code, why(error)) from None
    except httpx.HTTPStatusError as error:
        raise LabelStudioRefused(what, error.response.status_code) from None
    except httpx.HTTPError as error:
        raise LabelStudioDown(
            f"Label Studio does not answer ({type(error).__name__}): could not {what}"
        ) from None


def why_not_there(error: ApiError) -> str:
    """What Label Studio has against a webhook's address, in words.

    Of a malformed address it complains under the field's name, of another one under `detail`.
    """
    body = error.body
    if not isinstance(body, Mapping):
        return ""
    by_field = body.get("validation_errors")
    if isinstance(by_field, Mapping) and "url" in by_field:
        complaint = " ".join(by_field["url"])
        return f"{complaint} Its host must be an IP address, localhost or a name with a dot in it"
    return str(body.get("detail", ""))
