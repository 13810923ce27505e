"""A folder of MIMIC-III: read, and checked on the way in. Pure."""
