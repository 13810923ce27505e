"""Files of codings that no door may take."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd

