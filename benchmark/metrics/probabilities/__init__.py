"""Figures over a model's probability of every code."""
