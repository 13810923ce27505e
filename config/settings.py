"""Every setting, read from the environment in one place.

docs/operations.md explains each of them; a test holds the two equal. There are two forms:

- Embedded (`make demo`, development, tests): everything lives in one folder, CODERBENCH_HOME.
- Served (CODERBENCH_SERVED=1, docker-compose.yml): secrets and addresses must be given; where one
  is missing the site does not start.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
ROOT = Path(__file__).resolve().parent.parent
HOME: Path = (ROOT / env.str("CODERBENCH_HOME", "var/demo")).resolve()
SERVED = env.bool("CODERBENCH_SERVED", False)
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)  # for us alone: it holds note text


def private_file(name: str) -> str:
    """A random secret in a file of HOME that only we can read; made on its first use.

    For the embedded form alone.
    """
    path = HOME / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def required(name: str, embedded: str) -> str:
    """The value of an environment variable that the served form must have.

    Where it is not set the embedded form takes `embedded`, and the served form does not start.
    """
    value: str = env.str(name, "")
    if value:
        return value
    if SERVED:
        raise ImproperlyConfigured(
            f"{name} is not set: the served form has no default for it, see docs/operations.md"
        )
    return embedded


def running_services() -> dict[str, str]:
    """The addresses and secrets that a running demo wrote to HOME/services.json.

    Empty where none runs.
    """
    try:
        text = (HOME / "services.json").read_text()
    except FileNotFoundError:
        return {}
    found: dict[str, str] = json.loads(text)
    return found


services: dict[str, str] = {}
embedded_secret_key = ""
if not SERVED:
    services = running_services()
    embedded_secret_key = private_file("secret_key")

SECRET_KEY = required("CODERBENCH_SECRET_KEY", embedded_secret_key)
DEBUG = env.bool("CODERBENCH_DEBUG", False)
SITE_URL = required("CODERBENCH_URL", services.get("CODERBENCH_URL", "http://127.0.0.1:8000"))
ALLOWED_HOSTS = env.list("CODERBENCH_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CODERBENCH_TRUSTED_ORIGINS", default=[])

REDIS_URL = required("REDIS_URL", services.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
LABEL_STUDIO_URL = required(
    "LABEL_STUDIO_URL", services.get("LABEL_STUDIO_URL", "http://127.0.0.1:8080")
)
LABEL_STUDIO_PUBLIC_URL = env.str("LABEL_STUDIO_PUBLIC_URL", LABEL_STUDIO_URL)
LABEL_STUDIO_TOKEN = required("LABEL_STUDIO_TOKEN", services.get("LABEL_STUDIO_TOKEN", ""))
GUARD_SECRET = required("CODERBENCH_GUARD_SECRET", services.get("CODERBENCH_GUARD_SECRET", ""))
WEBHOOK_SECRET = required(
    "CODERBENCH_WEBHOOK_SECRET", services.get("CODERBENCH_WEBHOOK_SECRET", "")
)
# Where Label Studio's process finds this site; where it is empty there are no webhooks, and the
# poll alone brings answers in.
WEBHOOK_URL = env.str("CODERBENCH_WEBHOOK_URL", services.get("CODERBENCH_WEBHOOK_URL", ""))
MODEL_STORE = Path(env.str("CODERBENCH_MODEL_STORE", str(HOME / "models")))
MODEL_THREADS = env.int("CODERBENCH_MODEL_THREADS", 1)
RELEASE = "0.1.0"
"""Of Coderbench, as in pyproject.toml; reports name it."""
UPLOAD_LIMIT = env.int("CODERBENCH_UPLOAD_LIMIT", 200 * 2**20)
# Files that wait to be confirmed: patient data, for us alone. Web and workers share the folder.
UPLOADS = Path(env.str("CODERBENCH_UPLOADS", str(HOME / "uploads")))
UPLOADS.mkdir(mode=0o700, parents=True, exist_ok=True)
POLL_SECONDS = env.int("CODERBENCH_POLL_SECONDS", 60)
# How long it is kept who opened which note: six years. 0 keeps it for ever.
OPENINGS_DAYS = env.int("CODERBENCH_OPENINGS_DAYS", 2190)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
    "annotation",
    "benchmark",
    "pages",
    "demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.no_store",
    "config.middleware.notice_proxy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.refuse_too_large",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.content_security_policy",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.middleware.RefuseUnstorable",
    "config.middleware.NotShown",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": env.db_url_config(
        required("DATABASE_URL", f"sqlite:///{HOME / 'coderbench.sqlite3'}")
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted PostgreSQL costs no request
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "annotation.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "config.middleware.counted_name"
AXES_CLIENT_IP_CALLABLE = "config.middleware.client_address"
SESSION_COOKIE_NAME = "coderbench_session"  # Label Studio on the same host uses sessionid
CSRF_COOKIE_NAME = "coderbench_csrf"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = SITE_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
BEHIND_PROXY = env.bool("CODERBENCH_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31536000 if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("CODERBENCH_TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("CODERBENCH_STATIC_ROOT", str(HOME / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = not SERVED  # embedded: served from the tree, no collectstatic step
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_TEMP_DIR = UPLOADS  # so that no upload is copied, nor lies in a folder of everybody's

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.IsStaffRole"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.router.refused",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Coderbench API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["api.permissions.IsStaffRole"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
# A task is taken out of the queue when a worker takes it, not when it is done. What is left to do
# stands in the database, and sweeps ask for it again. With a late acknowledgement a worker died
# when Redis was gone by the time its task was done.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # an hour without Redis must not end the workers
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "sync"
CELERY_TASK_ROUTES = {"benchmark.tasks.run_chunk": {"queue": "models"}}
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "pull every open project": {"task": "annotation.tasks.pull_all", "schedule": POLL_SECONDS},
    "look for deleted answers": {"task": "annotation.tasks.reconcile_all", "schedule": 900},
    "return stale chunks": {"task": "benchmark.tasks.sweep_chunks", "schedule": 10},
    "copy answers to Label Studio": {"task": "annotation.tasks.sweep_mirrors", "schedule": 10},
    "open what was asked for": {"task": "annotation.tasks.sweep_openings", "schedule": 10},
    "score what was asked for": {"task": "benchmark.tasks.sweep_benchmarks", "schedule": 10},
    "go on with removals": {"task": "benchmark.tasks.sweep_purges", "schedule": 60},
    "check and store codings": {"task": "benchmark.tasks.sweep_codings", "schedule": 10},
    "check and store uploads, remove forgotten ones": {
        "task": "annotation.tasks.sweep_uploads",
        "schedule": 10,
    },
    "bring in openings": {"task": "annotation.tasks.pull_openings", "schedule": POLL_SECONDS},
    "delete old openings": {"task": "annotation.tasks.expire_openings", "schedule": 86400},
    "end sessions that a log-out could not end": {
        "task": "annotation.tasks.sweep_sessions",
        "schedule": 15,
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("CODERBENCH_LOG_LEVEL", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        # A refused page is no error, and would be logged with its traceback.
        "django.request": {"level": "ERROR"},
        # On INFO it logs whole addresses.
        "httpx": {"level": "WARNING"},
    },
}
