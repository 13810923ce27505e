"""Figures over sets of codes."""
