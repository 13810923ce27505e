"""Who may use the API."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from annotation.models import User


class StaffRequest(Request):
    """For types alone: a request that the classes below have let through, so of a person."""

    user: User


class IsStaffRole(BasePermission):
    """Researchers and admins. Coders have no API: what they may know is on their queue."""

    message = "The API is for researchers and admins."

    def has_permission(self, request: Request, view: object) -> bool:
        return (
            isinstance(request.user, User) and request.user.is_active and request.user.is_researcher
        )


class IsAdminRole(BasePermission):
    message = "Only an admin may upload notes."

    def has_permission(self, request: Request, view: object) -> bool:
        return isinstance(request.user, User) and request.user.is_active and request.user.is_admin
