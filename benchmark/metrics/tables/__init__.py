"""Results laid out as tables: text, Markdown, CSV, LaTeX, a spreadsheet."""
