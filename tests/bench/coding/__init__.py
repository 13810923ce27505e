"""`make bench-coding`: how long a coder waits, for each interface, in one run of one browser."""
