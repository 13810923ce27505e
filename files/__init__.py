"""Files of notes and of codings: one reader for every door, with one rule for each thing in
them. Pure."""
