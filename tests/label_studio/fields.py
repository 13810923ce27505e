"""Print every key that Label Studio's own serializers read as JSON.

Runs in Label Studio's environment, by path.
"""

import json
import os
import sys
from pathlib import Path

import label_studio

sys.path.insert(0, str(Path(label_studio.__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_guard.settings")

import django

django.setup()

from data_manager.models import View  # noqa: E402
from projects.models import Project  # noqa: E402
from tasks.models import Annotation, AnnotationDraft, Prediction, Task  # noqa: E402
from tasks.serializers import AnnotationDraftSerializer, AnnotationSerializer, TaskSerializer  # noqa: E402

names = set()
for serializer in (AnnotationSerializer, AnnotationDraftSerializer, TaskSerializer):
    names |= set(serializer().fields)
for model in (Annotation, AnnotationDraft, Task, Prediction, Project, View):
    for field in model._meta.fields:
        names |= {field.name, field.attname}

print(json.dumps(sorted(names)))
