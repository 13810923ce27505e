"""The API: the same rows as on the pages, behind the same walls."""
