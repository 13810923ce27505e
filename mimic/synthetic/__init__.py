"""A generator of folders in MIMIC-III's schema, and simulated coders for the demo. No Django."""

from mimic.synthetic.corpus import DEMO_SEED, DEMO_TEST_NOTES, write_corpus

__all__ = ["DEMO_SEED", "DEMO_TEST_NOTES", "write_corpus"]
