"""Pure: the document of a benchmark laid out as tables and charts."""
