"""What files cost a process that takes them: time and memory above what it had before.

Run as `python -m tests.files.measure FOLDER KIND ...`, with CODERBENCH_HOME set; prints JSON. The
kind "good" is the one file that is taken.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

GOOD_NOTES, CHARACTERS = 20_000, 8_300


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from annotation.models import Role
    from annotation.services.codes import icd9_load
    from annotation.services.people import user_create
    from tests.hostile import Bad, notes_hostile

    folder = Path(sys.argv[1])
    call_command("migrate", verbosity=0)
    icd9_load()
    user_create(username="sam", password="a long enough phrase", role=Role.ADMIN)
    kinds = notes_hostile()
    kinds["good"] = Bad("good.csv", (), good_notes, large=True)
    small = kinds["unknown codes"]
    measure(small.name, small.write, folder)  # what the first file alone brings in
    found = {}
    for kind in sys.argv[2:]:
        bad = kinds[kind]
        found[kind] = measure(bad.name, bad.write, folder)
    print(json.dumps(found))


def measure(name: str, write: Callable[[Path], object], folder: Path) -> dict[str, object]:
    """Bring a file, have it checked and, where it is good, stored; the worst of the two."""
    from django.conf import settings
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from annotation.models import Batch, Upload, User
    from annotation.services.notes_in import upload_work_on
    from annotation.services.uploads import upload_confirm, upload_discard, upload_keep
    from files.problems import FileError

    path = folder / name
    write(path)
    sam = User.objects.get()
    batches = Batch.objects.count()
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    start, busy = time.perf_counter(), time.process_time()
    file = TemporaryUploadedFile(name, "text/csv", path.stat().st_size, None)
    path.replace(file.temporary_file_path())
    said, state, stored = "", "refused", 0.0
    try:
        upload = upload_keep(owner=sam, kind=Upload.Kind.NOTES, file=file)
        upload_work_on(upload.pk)
        upload.refresh_from_db()
        seconds = time.perf_counter() - start
        state = upload.state
        causes = upload.found.get("causes", [])
        said = "; ".join(f"{cause['count']:,} {cause['said']}" for cause in causes)
        if state == "checked":
            upload_confirm(upload=upload, actor=sam, name="good")
            start = time.perf_counter()
            upload_work_on(upload.pk)
            stored = time.perf_counter() - start
            upload.refresh_from_db()
            state = upload.state
        elif upload.found.get("to_mend"):
            upload_discard(upload=upload, actor=sam)
    except FileError as error:
        seconds = time.perf_counter() - start
        said = str(error)
    busy = time.process_time() - busy
    file.close()
    return {
        "state": state,
        "said": said,
        "seconds": round(seconds, 2),
        "busy_seconds": round(busy, 2),
        "stored_seconds": round(stored, 2),
        "mib": (memory("VmHWM") - before) // 1024,
        "batches": Batch.objects.count() - batches,
        "left": sorted(each.name for each in settings.UPLOADS.iterdir()),
    }


def memory(of: str) -> int:
    """This process's memory in KiB: "VmRSS" now, "VmHWM" at most since the mark was set back."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(of):
            return int(line.split()[1])
    raise LookupError(of)


def good_notes(path: Path) -> None:
    """20,000 notes of a page or two, 167 MB, with reference codes and patients."""
    rng = random.Random(0)
    line = "Patient with hypertension, diabetes and congestive heart failure; seen today."
    words = line.split()
    page = " ".join(rng.choice(words) for _ in range(CHARACTERS // 8)).replace(";", ";\n")
    codes = ["250.00", "38.93", "401.9", "428.0", "427.31", "584.9", "96.04", "518.81"]
    with path.open("w") as out:
        out.write("note_id,text,codes,patient\n")
        for number in range(GOOD_NOTES):
            turn = rng.randrange(len(page))
            text = f"Note {number}. {page[turn:]} {page[:turn]}"
            given = "|".join(rng.sample(codes, 6))
            out.write(f'g{number},"{text}",{given},p{number // 3}\n')


if __name__ == "__main__":
    main()
