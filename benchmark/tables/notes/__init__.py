"""By note, and a note's own page."""
