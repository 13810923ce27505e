"""ICD-9-CM: how codes are written, what they mean, and which strings are codes. Every rule once;
pure."""
