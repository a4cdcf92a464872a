"""Fuzzing of everything that reads what others wrote: files, answers, settings, saved states, typed texts."""
