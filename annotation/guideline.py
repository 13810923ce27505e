"""What coders are told by default: what the paper told its own."""

DEFAULT_GUIDELINE = """\
Code each discharge summary as you normally would at work.
There is no time limit for a note.
Use any resource you usually use: code books, encoders, reference sites.
Keep to the official coding guidelines (ICD-9-CM).
Do not skip notes. If no listed code applies, tick "No listed code applies".
Do not talk about the notes with the other coders while the study is open.
"""
