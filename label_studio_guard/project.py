"""The second wall, within Label Studio's own permission check.

A coder reaches only projects that name the coder.
"""

from __future__ import annotations

from typing import Any

from projects.mixins import ProjectMixin


class GuardedProject(ProjectMixin):  # type: ignore[misc]
    """Label Studio's project, for superusers and the coder of `POST /guard/projects` alone."""

    def has_permission(self, user: Any) -> bool:
        """Label Studio asks this for every project, task, annotation and draft."""
        if not super().has_permission(user):
            return False
        return bool(user.is_superuser or self.has_collaborator(user))
