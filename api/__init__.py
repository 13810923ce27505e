"""The API for scripts: the same data as on the pages, for the same people."""
