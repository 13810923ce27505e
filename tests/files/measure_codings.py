"""What files of codings cost a process that takes them: time, and memory above what it had before.

Run as `python -m tests.files.measure_codings FOLDER KIND ...`, with CODERBENCH_HOME set; prints
JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from tests.files.measure import memory


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from annotation.models import Role
    from annotation.services.people import user_create
    from tests.hostile_codings import codings_hostile
    from tests.imports import study_from_codings

    folder = Path(sys.argv[1])
    call_command("migrate", verbosity=0)
    user_create(username="rae", password="a long enough phrase", role=Role.RESEARCHER)
    rows = "".join(f"n{number},401.9\n" for number in range(12))
    study_from_codings(slug="small", file="r.csv", data=f"note_id,code\n{rows}".encode())
    kinds = codings_hostile()
    for kind in ("unknown codes", "a broken workbook"):  # what first files alone bring in
        measure(kinds[kind].name, kinds[kind].write, folder)
    found = {}
    for kind in sys.argv[2:]:
        found[kind] = measure(kinds[kind].name, kinds[kind].write, folder)
    print(json.dumps(found))


def measure(name: str, write: Callable[[Path], object], folder: Path) -> dict[str, object]:
    """Bring a file and have it checked."""
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from annotation.models import Coding, Rater, Study, Upload, User
    from annotation.services.uploads import upload_discard, upload_keep
    from benchmark.services.codings_uploads import codings_upload_work
    from files.problems import FileError
    from pages.codings_forms import StudyChoicesForm

    path = folder / name
    write(path)
    form = StudyChoicesForm({"kind": "model", "rater": "V"})
    assert form.is_valid(), form.errors
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    start, busy = time.perf_counter(), time.process_time()
    file = TemporaryUploadedFile(name, "text/csv", path.stat().st_size, None)
    path.replace(file.temporary_file_path())
    asked = {**form.asked(), "study": Study.objects.get().pk}
    rae = User.objects.get()
    try:
        upload = upload_keep(owner=rae, kind=Upload.Kind.CODINGS, file=file, asked=asked)
        codings_upload_work(upload.pk)
        upload.refresh_from_db()
        state = upload.state
        groups = upload.found.get("refused", {}).get("groups", [])
        said = "; ".join(f"{group['count']:,} {group['said']}" for group in groups)
        said = said or str(upload.found)[:600] + upload.error
        upload_discard(upload=upload, actor=rae)
    except FileError as error:
        state, said = "refused", str(error)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    file.close()
    return {
        "state": state,
        "said": said,
        "seconds": round(seconds, 2),
        "busy_seconds": round(busy, 2),
        "mib": (memory("VmHWM") - before) // 1024,
        "codings": Coding.objects.exclude(rater__kind="reference").count(),
        "raters": Rater.objects.exclude(kind="reference").count(),
    }


if __name__ == "__main__":
    main()
