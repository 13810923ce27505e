"""The second wall, inside Label Studio's own permission check: a coder reaches only the project that names him."""

from __future__ import annotations

from typing import Any

from projects.mixins import ProjectMixin


class GuardedProject(ProjectMixin):  # type: ignore[misc]
    """Label Studio's project, closed to everybody but superusers and the coder named by `POST /guard/projects`."""

    def has_permission(self, user: Any) -> bool:
        """Asked by Label Studio for every project, and through it for every task, annotation and draft."""
        return bool(
            super().has_permission(user) and (user.is_superuser or self.has_collaborator(user))
        )
