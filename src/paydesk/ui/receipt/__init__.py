"""The receipt page, printing and saving."""
