"""A study's notes, and one note beside what each rater gave it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.models import Assignment, Rater, Role
from benchmark.selectors.notes import note_evidence, note_side_by_side, notes_of, with_raters
from benchmark.tables.highlight import Why, marked
from icd.groups import GROUPS
from pages.access import roles, visible_study
from pages.choices import kept

NOTES_A_PAGE = 50


@require_GET
@roles(Role.RESEARCHER)
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_study(request, slug)
    page = Paginator(notes_of(found), NOTES_A_PAGE).get_page(request.GET.get("page"))
    rows = with_raters(found, list(page))
    return render(request, "notes/notes.html", {"study": found, "page": page, "rows": rows})


@require_GET
@roles(Role.RESEARCHER)
def note(request: HttpRequest, slug: str, note_id: int) -> HttpResponse:
    """A note's text beside each rater's codes; `?rater=&code=` marks where that model looked for that code.

    From a count of the compare pages it has that count's choices in its address (`of`, `by`, `show`, `preset`, and
    `whose` for the rater): the codes counted are marked, and a link leads back.
    """
    found = visible_study(request, slug)
    row = get_object_or_404(found.notes, pk=note_id)
    side, of = note_side_by_side(found, row), request.GET.get("of", "")
    group = GROUPS.get(request.GET.get("by", "code"), lambda _: "")
    context = {
        "study": found,
        "note": row,
        "side": side,
        "of": of,
        "counted": {each.code for each in side.rows if of and group(each.code) == of},
        "back": kept(request.GET, "preset", "by", "of", "show", rater=request.GET.get("whose", "")).urlencode(),
        "assigned": Assignment.objects.filter(study=found, note=row).select_related("rater"),
        **looked(row.text, note_evidence(found, row), request.GET.get("rater"), request.GET.get("code")),
    }
    return render(request, "notes/note.html", context)


def looked(text: str, given: dict[Rater, list[Why]], rater: str | None, code: str | None) -> dict[str, object]:
    """The text in pieces, each model's codes with the pieces they light, and what is said of the chosen one."""
    flat = [(model, why) for model, whys in given.items() for why in whys]
    asked = [(str(model.pk), why.code) for model, why in flat]
    chosen = asked.index((rater, code)) if (rater, code) in asked else None
    pieces, codes = marked(text, [why for _, why in flat], chosen)
    first = flat[chosen][0] if chosen is not None else next(iter(given), None)
    models = [
        {
            "rater": model,
            "open": model == first,
            "codes": [c for (m, _), c in zip(flat, codes, strict=True) if m == model],
        }
        for model in given
    ]
    words = f"{first.name}, {codes[chosen].words}" if chosen is not None else ""
    return {"pieces": pieces, "models": models, "chosen": codes[chosen] if chosen is not None else None, "words": words}
