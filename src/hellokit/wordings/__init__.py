"""The words: locales, patterns, composition, and English."""
