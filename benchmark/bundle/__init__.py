"""A study in one file: written by export.py, read by import_study.py."""
