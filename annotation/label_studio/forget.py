"""Having Label Studio forget notes for good. Both raise as the client's methods do."""

from __future__ import annotations

from collections.abc import Sequence

from annotation.label_studio.client import LabelStudio


def forget(
    client: LabelStudio, projects: Sequence[int], texts: Sequence[str], keep: Sequence[int]
) -> dict[str, int]:
    """Delete projects with their files, and every task elsewhere that has one of the texts.

    `texts` are SHA-256 of what `shown_text` gives, `keep` projects that are left alone. Returns how
    many projects, tasks and files there were.
    """
    body = {"projects": projects, "texts": texts, "keep": keep}
    return dict(client.guard("forget notes", "forget", **body))


def clean(client: LabelStudio) -> tuple[str, list[str]]:
    """Have its database written anew, so that no deleted row is left in its files.

    Returns why it could not be ("" where it was), and what was beyond reach.
    """
    answer = client.guard("clean its database", "clean")
    return str(answer["busy"]), list(answer["beyond"])
