"""The document of a benchmark: what is stored, what `--format json` prints, what pages lay out.

One tree of dataclasses with a version. pydantic reads and writes it at both doors, the database
and files. A document from before there were versions is read too: what it lacks is left empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from benchmark.scoring.agreement import AgreementFigures
from benchmark.scoring.figures import Figures

T = TypeVar("T")
VERSION = 2
"""Of the document of a benchmark. Raise it when a key is renamed or changes its meaning, and have
`read` turn what was before into what is. 1: macro intervals by a centred bootstrap; 2: by the
jackknife, null where nothing was seen to vary."""


class DocumentError(ValueError):
    """What was read is no document of a benchmark, or one of a later version.

    The message says which.
    """


@dataclass(frozen=True)
class Reopened:
    """A reopening of the study after which answers were given; times as ISO 8601."""

    closed_at: str
    reopened_at: str
    answers: int
    could_see: list[str]


@dataclass(frozen=True)
class TextsRemoved:
    """The texts of the study's notes were removed before it was scored; the time as ISO 8601."""

    at: str
    notes: int
    by_models: int
    """Of these, how many a model had coded."""


@dataclass(frozen=True, kw_only=True)
class Document(Figures):
    """A benchmark: its figures, what it was asked, and what it was computed from."""

    study: str
    protocol_sha256: str
    preset: str = "paper"
    against: str = "reference"
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Rater -> people, coder, model or reference."""
    synthetic: bool
    notes_of_study: int
    interim: bool = False
    lacking: Mapping[str, int] = field(default_factory=dict)
    """Rater -> notes of the reference that it has not coded."""
    as_run: list[str] = field(default_factory=list)
    """Models that had to stay at the threshold of their run."""
    left_out: list[str] = field(default_factory=list)
    """Raters left out, as asked."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Model -> notes on which its newest run failed."""
    without_codings: list[str] = field(default_factory=list)
    reopened: list[Reopened] = field(default_factory=list)
    texts_removed: TextsRemoved | None = None

    def to_json(self) -> dict[str, Any]:
        """What `--format json` prints, the version first."""
        return {"version": VERSION, **written(self)}


@dataclass(frozen=True, kw_only=True)
class AgreementDocument(AgreementFigures):
    """Who agrees with whom in a study that has no reference."""

    reopened: list[Reopened] = field(default_factory=list)


def read(stored: str | bytes) -> Document:
    """A document from its JSON. Raises DocumentError."""
    given = _object(stored)
    version = given.pop("version", 0)
    if not isinstance(version, int) or version > VERSION:
        raise DocumentError(
            f"a benchmark of version {version}; this Coderbench reads versions up to {VERSION}"
        )
    if not given.get("arms"):
        given["arms"] = None
    return _validated(Document, given)


def read_agreement(stored: str | bytes) -> AgreementDocument:
    """The same of a study without a reference."""
    return _validated(AgreementDocument, _object(stored))


def written(value: object) -> dict[str, Any]:
    """A document, or a part of it, as plain values for JSON.

    {} stands for arms that a study has not; `not_told` is there where an imported model has it,
    `texts_removed` where they were.
    """
    plain: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    if "arms" in plain and plain["arms"] is None:
        plain["arms"] = {}
    if plain.get("texts_removed") is None:
        plain.pop("texts_removed", None)
    if not plain.get("not_told", True):
        del plain["not_told"]
    return plain


def _object(stored: str | bytes) -> dict[str, Any]:
    try:
        given = json.loads(stored)
    except ValueError as error:
        raise DocumentError("not JSON") from error
    if not isinstance(given, dict):
        raise DocumentError("not a JSON object")
    return given


def _validated(kind: type[T], given: dict[str, Any]) -> T:
    try:
        found: T = _adapter(kind).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DocumentError(f"not a document of a benchmark: {place}: {first['msg']}") from error
    return found


def _adapter(kind: type) -> TypeAdapter[Any]:
    """pydantic's reader and writer of a class; it takes a moment to make one."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
