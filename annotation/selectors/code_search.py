"""Codes searched on the server: the whole code system, or one list of codes.

Indexes stay in the process. What is searched for is words of a patient's note at times: it is in
no log, no address and no cache.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import lru_cache
from threading import Lock
from typing import Final

from annotation.models import CodeSet
from annotation.selectors.codes import search_sha256
from icd.codes import CodeRow, as_kind
from icd.search import Hit, Index, search
from icd.search.browser import browser_data
from icd.tables import read_icd9_tables

LONGEST_QUERY: Final = 60
"""Characters of a query."""
MOST_HITS: Final = 50
FORMAT: Final = "1"
"""Of the file for the browser: to be raised with every change of its shape."""
DIGITS: Final = 16
"""Of the hash in the file's address."""

_building = Lock()


def search_system(query: str, limit: int = MOST_HITS) -> list[Hit]:
    """The codes of the whole system that a query finds, best first."""
    return search(_system_index(), query, limit)


def search_list(code_set: CodeSet, query: str, limit: int = MOST_HITS) -> list[Hit]:
    """The codes of a list that a query finds; its frequencies count where it has some."""
    return search(_list_index(code_set.pk, list_hash(code_set)), query, limit)


def list_hash(code_set: CodeSet) -> str:
    """Changes with the codes of a list, their frequencies, and the search's tables and rules."""
    parts = (FORMAT, code_set.sha256, search_sha256(code_set))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGITS]


def list_for_browser(code_set: CodeSet) -> bytes:
    """What static/desk/search.js makes its index of: gzipped JSON, see `icd.search.browser`."""
    return _file(code_set.pk, list_hash(code_set))


def _system_index() -> Index:
    """One for the process: it takes a second or two to make, and 60 MB."""
    with _building:
        return _made_system_index()


@lru_cache(maxsize=1)
def _made_system_index() -> Index:
    return Index(read_icd9_tables())


def _list_index(code_set_id: int, digest: str) -> Index:
    with _building:
        return _made_list_index(code_set_id, digest)


@lru_cache(maxsize=4)
def _made_list_index(code_set_id: int, digest: str) -> Index:
    """`digest` is the list's hash: an index of other frequencies or tables is another one."""
    code_set = CodeSet.objects.get(pk=code_set_id)
    return Index(_rows(code_set), code_set.frequencies)


def _file(code_set_id: int, digest: str) -> bytes:
    with _building:
        return _made_file(code_set_id, digest)


@lru_cache(maxsize=8)
def _made_file(code_set_id: int, digest: str) -> bytes:
    code_set = CodeSet.objects.get(pk=code_set_id)
    data = browser_data(_rows(code_set), code_set.frequencies)
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return gzip.compress(text.encode(), mtime=0)


def _rows(code_set: CodeSet) -> list[CodeRow]:
    """The codes of a list, in its order, each once."""
    found = []
    for code in code_set.codes.order_by("codesetmember__position"):
        found.append(CodeRow(code.code, as_kind(code.kind), code.short_title, code.long_title))
    return found
