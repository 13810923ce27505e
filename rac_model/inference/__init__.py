"""A checkpoint at work on notes."""
