"""`make coverage`: how often intervals and tests are right, in worlds whose truth is known.

A file a topic; `__main__` runs them. Every world has a random generator of its own, seeded by the
topic, the setting and the number of the world, so that the same seed prints the same whatever the
number of processes.
"""
