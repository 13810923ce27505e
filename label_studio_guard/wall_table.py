"""The table that walls.py reads: method, path, and who may. The first row that fits counts.

What no row fits is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Scope(Enum):
    """Who may send a request."""

    PUBLIC = "public"
    """Anybody."""
    SELF = "self"
    """Any coder: it is about the coder alone."""
    OWN = "own"
    """A coder, if every object that the request names is the coder's own."""
    STAND_IN = "stand-in"
    """A coder, but the guard answers: Label Studio's own answer would tell of others."""
    PAGE = "page"
    """A page for admins; others are sent to our site."""
    ADMIN = "admin"
    """Superusers; others get 403."""
    CLOSED = "closed"
    """Nobody: the server would fetch something from outside, or tell somebody outside."""


class Key(Enum):
    """What a key in the body of a coder's request is."""

    PLAIN = "plain"
    """A word or a number of the answer."""
    RESULT = "result"
    """The codes."""
    EMPTY = "empty"
    """The page sends it without a value, and nobody may send one."""
    PROJECT = "project"
    DRAFT = "draft"
    """The id of the project, or the draft, that the request is about."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    methods: str
    """HTTP methods, separated by blanks; "*" for all."""
    path: str
    """As `walls` reads it: `<task>` is an id, `*` one segment, `**` anything."""
    scope: Scope
    body: Mapping[str, Key] = field(default_factory=dict)
    """The keys that a coder's body may have."""


# What the page sends with an answer and with a draft. Label Studio would also take another task.
ANSWER = {
    "result": Key.RESULT,
    "lead_time": Key.PLAIN,
    "started_at": Key.PLAIN,
    "draft_id": Key.DRAFT,
    "project": Key.PROJECT,
    "parent_annotation": Key.EMPTY,
    "parent_prediction": Key.EMPTY,
}
GONE = {"project": Key.PROJECT}

# What the query of an OWN row may have: ids, by the kind of object, and how an answer is laid out.
QUERY_IDS = {
    "project": "project",
    "task": "task",
    "taskID": "task",
    "annotation": "annotation",
    "view": "view",
    "tab": "view",
}
LAYOUT = {
    "expand",
    "fields",
    "include",
    "interaction",
    "labeling",
    "page",
    "page_size",
    "region",
    "resolve_uri",
}


CODING = (
    # The guard's own pages; each checks its ticket or its secret itself.
    Row("GET", "/guard/login", Scope.PUBLIC),
    Row("GET", "/guard/admin", Scope.PUBLIC),
    Row("GET", "/guard/page/*", Scope.PUBLIC),
    Row("GET", "/guard/leave", Scope.PUBLIC),
    Row("POST", "/guard/*", Scope.PUBLIC),
    # What the browser needs before it knows who is there.
    Row("GET HEAD", "/health/", Scope.PUBLIC),
    Row("GET", "/favicon.ico", Scope.PUBLIC),
    Row("GET", "/sw.js", Scope.PUBLIC),
    Row("GET", "/sw-fallback.js", Scope.PUBLIC),
    Row("GET", "/static/docs/**", Scope.ADMIN),
    Row("GET", "/static/**", Scope.PUBLIC),
    Row("GET", "/react-app/**", Scope.PUBLIC),
    Row("GET", "/label-studio-frontend/**", Scope.PUBLIC),
    Row("GET", "/dm/**", Scope.PUBLIC),
    Row("GET POST", "/logout", Scope.SELF),
    # Coding a note.
    Row("GET", "/projects/<project>/data/", Scope.OWN),
    Row("GET", "/api/projects/<project>/", Scope.OWN),
    Row("GET", "/api/dm/project/", Scope.OWN),
    Row("GET", "/api/dm/columns/", Scope.OWN),
    Row("GET", "/api/dm/views/", Scope.OWN),
    Row("GET", "/api/dm/actions/", Scope.OWN),
    Row("GET", "/api/tasks/", Scope.OWN),
    Row("GET", "/api/tasks/<task>/", Scope.OWN),
    Row("POST", "/api/tasks/<task>/annotations/", Scope.OWN, body=ANSWER),
    Row("GET", "/api/annotations/<annotation>/", Scope.OWN),
    Row("PATCH", "/api/annotations/<annotation>/", Scope.OWN, body=ANSWER),
    Row("GET", "/api/tasks/<task>/drafts", Scope.OWN),
    Row("POST", "/api/tasks/<task>/drafts", Scope.OWN, body=ANSWER),
    Row("GET", "/api/tasks/<task>/annotations/<annotation>/drafts", Scope.OWN),
    Row("POST", "/api/tasks/<task>/annotations/<annotation>/drafts", Scope.OWN, body=ANSWER),
    Row("GET", "/api/drafts/<draft>/", Scope.OWN),
    Row("DELETE", "/api/drafts/<draft>/", Scope.OWN, body=GONE),
    Row("PATCH", "/api/drafts/<draft>/", Scope.OWN, body=ANSWER),
    Row("GET", "/api/ml/", Scope.STAND_IN),
    Row("GET", "/api/users/", Scope.STAND_IN),
    Row("GET", "/api/label_links/", Scope.STAND_IN),
    Row("GET", "/api/projects/<project>/label-stream-history/", Scope.STAND_IN),
    Row("GET", "/api/version/", Scope.SELF),
    Row("GET", "/api/current-user/whoami", Scope.SELF),
    Row("GET", "/api/current-user/hotkeys/", Scope.SELF),
    Row("GET", "/api/current-user/product-tour", Scope.SELF),
)

# Pages for the admin; anybody else who lands there is sent to our site.
PAGES = (
    "/",
    "/projects/",
    "/projects/<project>/",
)

# For nobody: signing up, signing in by a password (a ticket of our site is the one way in), and
# whatever makes the server or the browser talk to the outside.
CLOSED = (
    "/user/login/",
    "/user/signup/",
    "/admin/login/",
    "/api/token/**",
    "/api/jwt/settings",
    "/api-auth/**",
    "/heidi-tips/",
    "/__lsa/",
    "/trigger500/",
    "/api/ml/**",
    "/api/storages/**",
    "/tasks/*/resolve/",
    "/projects/*/resolve/",
    "/tasks/*/presign/",
    "/projects/*/presign/",
    "/data/local-files/",
    "/storage-data/uploaded/",
)

# All the rest of Label Studio: superusers only.
ADMIN = (
    "/admin/**",
    "/django-rq/**",
    "/docs/**",
    "/swagger**",
    "/static/docs/**",
    "/feature-flags/",
    "/metrics/",
    "/version/",
    "/api/version/",
    "/samples/*",
    "/organization/",
    "/organization/webhooks",
    "/people/",
    "/models/",
    "/user/account/**",
    "/data/avatars/**",
    "/data/upload/**",
    "/projects/*/settings/**",
    "/projects/*/data/",
    "/projects/*/data/import",
    "/projects/*/data/export",
    "/api/",
    "/api/.*",
    "/api/organizations/**",
    "/api/invite",
    "/api/invite/reset-token",
    "/api/users**",
    "/api/current-user/*",
    "/api/session-policy/",
    "/api/auth/export/",
    "/api/templates/",
    "/api/webhooks/**",
    "/api/labels**",
    "/api/label_links**",
    "/api/predictions**",
    "/api/import/file-upload/*",
    "/api/fsm/**",
    "/api/dm/",
    "/api/dm/.*",
    "/api/dm/columns/",
    "/api/dm/project/",
    "/api/dm/actions/",
    "/api/dm/actions/*/form/",
    "/api/dm/views**",
    "/api/projects/",
    "/api/projects/counts/",
    "/api/projects/validate/",
    "/api/projects/*/",
    "/api/projects/*/annotators/",
    "/api/projects/*/export",
    "/api/projects/*/export/*",
    "/api/projects/*/exports/**",
    "/api/projects/*/file-uploads",
    "/api/projects/*/import",
    "/api/projects/*/import/predictions",
    "/api/projects/*/imports/*",
    "/api/projects/*/label-stream-history/",
    "/api/projects/*/model-versions/",
    "/api/projects/*/next/",
    "/api/projects/*/reimport",
    "/api/projects/*/reimports/*",
    "/api/projects/*/sample-task/",
    "/api/projects/*/summary/",
    "/api/projects/*/summary/reset/",
    "/api/projects/*/tasks/",
    "/api/projects/*/tasks/bulk/",
    "/api/projects/*/validate/",
    "/api/tasks/",
    "/api/tasks/*/",
    "/api/tasks/*/agreement/",
    "/api/tasks/*/annotations/",
    "/api/tasks/*/annotations/*/drafts",
    "/api/tasks/*/drafts",
    "/api/annotations/*/",
    "/api/annotations/*/convert-to-draft",
    "/api/drafts/*/",
)

ROWS = (
    *CODING,
    *(Row("GET", path, Scope.PAGE) for path in PAGES),
    *(Row("*", path, Scope.CLOSED) for path in CLOSED),
    *(Row("*", path, Scope.ADMIN) for path in ADMIN),
)
