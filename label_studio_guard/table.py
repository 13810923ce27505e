"""The table of walls.py: methods, path, scope. First row that fits wins; no row, no passage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Scope(Enum):
    """PUBLIC: anybody. SELF: any coder, about himself only. OWN: a coder, if every object named is his.
    STAND_IN: the page needs an answer, which must not be Label Studio's; the guard answers a coder itself.
    PAGE: a page that only an admin sees, others are sent to our site. ADMIN: superusers, 403 for others.
    CLOSED: nobody at all, because the server would fetch something from outside, or tell somebody outside."""

    PUBLIC = "public"
    SELF = "self"
    OWN = "own"
    STAND_IN = "stand-in"
    PAGE = "page"
    ADMIN = "admin"
    CLOSED = "closed"


@dataclass(frozen=True)
class Row:
    """methods: words or "*"; path: see walls; body: keys that a coder may send; query: values that must be given;
    reads: a POST that changes no answer, so that a closed study still allows it."""

    methods: str
    path: str
    scope: Scope
    body: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    reads: bool = False


# What the page sends with an answer and with a draft; of these, ids must be the coder's own (see walls.forged).
SENT = (
    "result",
    "lead_time",
    "started_at",
    "draft_id",
    "parent_annotation",
    "parent_prediction",
    "project",
    "task",
    "id",
)
ANSWER = (*SENT, "completed_by", "unique_id")
DRAFT = (*SENT, "annotation", "user")


CODING = (
    # The guard's own pages; each checks its ticket or its secret itself.
    Row("GET", "/guard/login", Scope.PUBLIC),
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
    # Coders have no password here; the form is for the admin, who asks for it by name.
    Row("GET", "/user/login/", Scope.PUBLIC, query={"admin": "1"}),
    Row("POST", "/user/login/", Scope.PUBLIC),
    Row("GET POST", "/logout", Scope.SELF),
    # Coding a note.
    Row("GET", "/projects/<project>/data/", Scope.OWN),
    Row("GET", "/api/projects/<project>/", Scope.OWN),
    Row("GET", "/api/projects/<project>/next/", Scope.OWN),
    Row("GET", "/api/dm/project/", Scope.OWN),
    Row("GET", "/api/dm/columns/", Scope.OWN),
    Row("GET", "/api/dm/views/", Scope.OWN),
    Row("GET", "/api/dm/actions/", Scope.OWN),
    Row("POST", "/api/dm/actions/", Scope.OWN, body=("*",), query={"id": "next_task"}, reads=True),
    Row("GET", "/api/tasks/", Scope.OWN),
    Row("GET", "/api/tasks/<task>/", Scope.OWN),
    Row("POST", "/api/tasks/<task>/annotations/", Scope.OWN, body=ANSWER),
    Row("GET", "/api/annotations/<annotation>/", Scope.OWN),
    Row("PATCH", "/api/annotations/<annotation>/", Scope.OWN, body=ANSWER),
    Row("GET", "/api/tasks/<task>/drafts", Scope.OWN),
    Row("POST", "/api/tasks/<task>/drafts", Scope.OWN, body=DRAFT),
    Row("GET", "/api/tasks/<task>/annotations/<annotation>/drafts", Scope.OWN),
    Row("POST", "/api/tasks/<task>/annotations/<annotation>/drafts", Scope.OWN, body=DRAFT),
    Row("GET DELETE", "/api/drafts/<draft>/", Scope.OWN),
    Row("PATCH", "/api/drafts/<draft>/", Scope.OWN, body=DRAFT),
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
    "/user/login/",
)

# For nobody: signing up or in past our site, and whatever makes the server or the browser talk to the outside.
CLOSED = (
    "/user/signup/",
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
    "/api/token/**",
    "/api/jwt/settings",
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
