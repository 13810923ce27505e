from collections.abc import Callable

from celery import current_app
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from annotation.management.command import Command as Base
from annotation.models import Code, Rater
from annotation.selectors.desk import copies_waiting
from annotation.services.events import proxy_is_unnamed
from annotation.services.workstation import workstation
from annotation.work_queue import quick_connection, redis_client
from benchmark.models import ModelRun
from benchmark.selectors.model_store import models_here, stored


class Command(Base):
    help = (
        "Check every part of this installation and say how to mend what is wrong. "
        "Exit status 1 if anything is."
    )

    def handle(self, *args: object, **options: object) -> None:
        broken = 0
        for name, (check, cure) in CHECKS.items():
            try:
                found = check()
            except LookupError as error:  # what a check below has found
                broken += 1
                self.stdout.write(f"broken  {name}: {error}: {cure}")
            except Exception as error:
                broken += 1
                self.stdout.write(f"broken  {name}: {type(error).__name__}: {cure}")
            else:
                self.stdout.write(f"ok      {name}: {found}")
        if broken:
            raise CommandError(f"{broken} of {len(CHECKS)} parts need mending")


# Each check says what it has found. It raises LookupError with what is wrong, in words; any other
# error of a part that does not answer will do as well.


def _database() -> str:
    migrations = MigrationExecutor(connection)
    if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
        raise LookupError("migrations are missing")
    return connection.vendor


def _codes() -> str:
    codes = Code.objects.of_systems()
    if not codes.exists():
        raise LookupError("no codes")
    return f"{codes.count()} codes"


def _redis() -> str:
    with quick_connection() as queue:
        redis_client(queue).ping()
    return "answers"


def _workers() -> str:
    workers = current_app.control.inspect(timeout=3).active_queues() or {}
    unserved = {"sync", "models"}
    for queues in workers.values():
        unserved -= {queue["name"] for queue in queues}
    if unserved:
        raise LookupError(f"nobody serves {' and '.join(sorted(unserved))}")
    return f"{len(workers)} answer, both queues are served"


def _label_studio() -> str:
    workstation().health()
    return f"answers at {settings.LABEL_STUDIO_URL}"


def _copies() -> str:
    waiting = copies_waiting()
    if waiting.late:
        raise LookupError(
            f"{waiting.late} answers of our coding page are not in Label Studio. {waiting.error}"
        )
    return f"{waiting.answers} answers wait to be copied, none for long"


def _models() -> str:
    """The checkpoints of models that run here; those of imported studies may be elsewhere."""
    raters = Rater.objects.exclude(checkpoint_sha256="")
    known = set(raters.values_list("checkpoint_sha256", flat=True))
    ours = {digest for digest in known if stored(digest).exists()}
    ours |= set(ModelRun.objects.values_list("checkpoint_sha256", flat=True))
    if not models_here():
        absent = sorted(digest for digest in ours if not stored(digest).exists())
        if absent:
            raise LookupError(f"no checkpoint {absent[0][:12]}")
        return (
            f"{len(ours)} checkpoints are here; "
            "doctor in a worker, which has PyTorch, checks every byte"
        )
    from rac_model import checkpoint

    for digest in ours:
        checkpoint.load(stored(digest))
    found = f"{len(ours)} checkpoints, every byte as registered"
    elsewhere = known - ours
    if elsewhere:
        found += f"; {len(elsewhere)} of imported studies are elsewhere"
    return found


def _proxy() -> str:
    if settings.BEHIND_PROXY:
        return "one is named: the browser's address is the last one that it gives"
    if settings.SITE_URL.startswith("https://"):
        raise LookupError(
            "the site is served over https, so a proxy stands before it, and the settings name none"
        )
    if proxy_is_unnamed():
        raise LookupError("X-Forwarded-For has arrived today, and the settings name no proxy")
    return "the settings name none, and none was seen today"


CHECKS: dict[str, tuple[Callable[[], str], str]] = {
    "database": (_database, "run manage.py migrate; check DATABASE_URL"),
    "code system": (_codes, "run manage.py load_codes"),
    "Redis": (_redis, "start it; check REDIS_URL"),
    "Celery workers": (
        _workers,
        "start one: celery -A config worker -Q models, one with -Q sync, and celery -A config beat",
    ),
    "Label Studio": (_label_studio, "start it; check LABEL_STUDIO_URL"),
    "copies in Label Studio": (
        _copies,
        "they are stored here and count; see that Label Studio and the worker -Q sync are up",
    ),
    "proxy": (_proxy, "set CODERBENCH_BEHIND_PROXY=true if a proxy stands before the site"),
    "model store": (_models, "register the model again with manage.py register_model"),
}
