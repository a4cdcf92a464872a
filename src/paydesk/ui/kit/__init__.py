"""Widgets, tables, theme and wording shared by the pages."""
