"""By code, and a code's own page."""
