"""The admin pages: people and their roles; all other rows to look at, not to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotation.label_studio.client import LabelStudioError
from annotation.models import (
    Assignment,
    Batch,
    CodeSet,
    Event,
    QuarantinedAnswer,
    Rater,
    Role,
    Study,
    User,
)
from annotation.services.people import rater_ensure, user_set_active
from annotation.services.workstation import workstation
from pages.access import AuthedRequest
from pages.questions import Question, question_page

admin.site.unregister(Group)  # roles are a field of the person
admin.site.site_header = admin.site.site_title = "Coderbench administration"


if TYPE_CHECKING:
    AdminOfUsers = UserAdmin[User]
    AdminOfRows = admin.ModelAdmin[Model]
else:
    AdminOfUsers = UserAdmin
    AdminOfRows = admin.ModelAdmin


@admin.register(User)
class PersonAdmin(AdminOfUsers):
    """People: made, given a role, deactivated and activated again; never deleted."""

    list_display = ("username", "first_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    actions = ("deactivate", "activate")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "role")}),
        ("Access", {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "email", "role", "password1", "password2")}),
    )
    readonly_fields = ("is_active", "last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The e-mail address stays once it is given: it names the account in Label Studio."""
        if obj is None:
            return self.readonly_fields
        return (*self.readonly_fields, "email")

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """Store a person with what follows from the role."""
        obj.is_staff = obj.role == Role.ADMIN
        obj.is_superuser = obj.role == Role.ADMIN
        super().save_model(request, obj, form, change)
        if obj.role == Role.CODER:
            rater_ensure(user=obj)
        if change and "role" in form.changed_data and form.initial["role"] == Role.ADMIN:
            self._end_admin_sessions(request)

    def _end_admin_sessions(self, request: HttpRequest) -> None:
        """End the sessions of admins in Label Studio, where all of them share one account.

        Who is no admin any more must not stay in it.
        """
        try:
            workstation().end_admin_sessions()
        except LabelStudioError as error:
            self.message_user(
                request, f"The sessions of admins in Label Studio go on: {error}", messages.ERROR
            )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.action(
        description="Deactivate: no log-in, and the sessions here and in Label Studio end"
    )
    def deactivate(self, request: AuthedRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        people = queryset.exclude(pk=request.user.pk).order_by("username")
        if people and "sure" not in request.POST:
            return question_page(request, _deactivating(people))
        self._set_active(request, people, active=False)
        return None

    @admin.action(description="Activate again")
    def activate(self, request: AuthedRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: AuthedRequest, people: QuerySet[User], *, active: bool) -> None:
        for user in people:
            try:
                user_set_active(user=user, active=active, actor=request.user)
            except LabelStudioError as error:
                self.message_user(request, f"{user.username} not changed: {error}", messages.ERROR)
            else:
                self.message_user(
                    request, f"{user.username}: {'active' if active else 'deactivated'}"
                )


def _deactivating(people: QuerySet[User]) -> Question:
    """The question before people are deactivated."""
    chosen = []
    rows = []
    for person in people:
        chosen.append((helpers.ACTION_CHECKBOX_NAME, str(person.pk)))
        rows.append((f"{person.first_name} ({person.username})", person.get_role_display()))
    return Question(
        title="Deactivate these people?",
        button="Deactivate",
        back=reverse("admin:annotation_user_changelist"),
        facts=[
            "Their sessions here and in Label Studio end at once; "
            "codes ticked and not submitted may be lost.",
            "What they have submitted stays. They can be activated again.",
        ],
        fields=[("action", "deactivate"), ("sure", "yes"), *chosen],
        head=("Person", "Role"),
        rows=rows,
    )


class ReadOnlyAdmin(AdminOfRows):
    """Rows to look at alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Rater)
class RaterAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "simulated", "certification", "years_experience")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    readonly_fields = ("kind", "name", "user", "simulated", "checkpoint_sha256")


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    list_display = ("slug", "status", "batch", "code_set", "opened_at", "closed_at")
    exclude = ("notes",)


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ("name", "origin", "created_at", "uploaded_by")
    list_select_related = ("uploaded_by",)


@admin.register(CodeSet)
class CodeSetAdmin(ReadOnlyAdmin):
    list_display = ("name", "sha256")
    exclude = ("codes",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("study", "rater", "position", "role", "arm", "note_id", "task_id")
    list_filter = ("study", "rater", "role", "arm")
    list_select_related = ("study", "rater")
    raw_id_fields = ("note",)
    ordering = ("pk",)  # that of a queue would sort all of them for each page
    show_full_result_count = False


@admin.register(QuarantinedAnswer)
class QuarantinedAnswerAdmin(ReadOnlyAdmin):
    list_display = ("study", "annotation_id", "task_id", "reason", "seen_at")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "object", "data")
    list_select_related = ("actor",)
    list_filter = ("verb",)
