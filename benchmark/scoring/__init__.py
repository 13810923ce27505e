"""Pure: codings in, the document of a benchmark out."""
