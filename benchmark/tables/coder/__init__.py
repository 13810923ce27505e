"""A coder's own page: its figures, tables, charts and words."""
