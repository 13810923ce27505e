"""Label Studio for a WSGI server, set up as `label-studio start` does for Django's own server."""

from __future__ import annotations

import sys
from pathlib import Path

import label_studio
from django.core.wsgi import get_wsgi_application

# Label Studio's own modules import each other from its folder: `core`, `tasks`, `users`.
sys.path.insert(0, str(Path(label_studio.__file__).parent))

application = get_wsgi_application()
