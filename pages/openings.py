"""Custody: the page of who opened which note when, and the same as a file. For admins alone."""

from __future__ import annotations

import io

import xlsxwriter
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import NoteOpening
from annotation.selectors.custody import HEADER, Asked, opening_rows, openings_asked, with_people
from annotation.services.events import event_record
from files.spreadsheet_csv import spreadsheet_csv
from pages.access import AuthedRequest, roles
from pages.choices import kept

A_PAGE = 100
MOST_IN_XLSX = 20_000
"""Rows; they are put together while somebody waits. A CSV is sent as it is read."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@roles()
def openings(request: AuthedRequest) -> HttpResponse:
    """Newest first; `?note=`, `?person=` and `?way=` choose among them."""
    asked = _asked(request)
    ids = openings_asked(asked).values_list("pk", flat=True)
    page = Paginator(ids, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "rows": with_people(list(page)),
        "most_in_xlsx": MOST_IN_XLSX,
        "ways": NoteOpening.Way.choices,
        "page": page,
        "address": kept(request.GET, "note", "person", "way").urlencode(),
    }
    return render(request, "openings/openings.html", context)


@require_GET
@roles()
def openings_file(request: AuthedRequest, extension: str) -> HttpResponseBase:
    """The same as a CSV or .xlsx file, all pages of it. Who took it is an event."""
    if extension not in ("csv", "xlsx"):
        raise Http404("no such format")
    asked = _asked(request)
    chosen = {"note": asked.note, "person": asked.person, "way": asked.way}
    event_record(actor=request.user, verb="openings.exported", object="site", **chosen)
    headers = {"Content-Disposition": f'attachment; filename="openings.{extension}"'}
    if extension == "xlsx":
        return HttpResponse(_xlsx(asked), content_type=XLSX, headers=headers)
    lines = (spreadsheet_csv([row]) for row in (HEADER, *opening_rows(asked)))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: AuthedRequest) -> Asked:
    """Which openings the address asks for."""
    way = request.GET.get("way", "")
    if way and way not in NoteOpening.Way:
        raise Http404("no such way")
    note = request.GET.get("note", "").strip()
    return Asked(note=note, person=request.GET.get("person", "").strip(), way=way)


def _xlsx(asked: Asked) -> bytes:
    """One sheet; ids are text, so that no spreadsheet reads one as a number."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("openings")
        for place, name in enumerate(HEADER):
            sheet.write_string(0, place, name, bold)
        for line, row in enumerate(opening_rows(asked), start=1):
            if line > MOST_IN_XLSX:
                sheet.write_string(
                    line, 0, f"older ones are in the CSV: this has {MOST_IN_XLSX:,} rows"
                )
                break
            for place, value in enumerate(row):
                sheet.write_string(line, place, str(value))
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
