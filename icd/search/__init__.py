"""Search of codes: a coder's words -> codes, best first, each with why it matched. Pure.

static/desk/search.js has the same rules for the browser; tests hold both to the same answers.
"""

from icd.search.index import Index
from icd.search.ranking import Hit, search
from icd.search.tables import tables_sha256

__all__ = ["Hit", "Index", "search", "tables_sha256"]
