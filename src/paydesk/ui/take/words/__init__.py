"""Words of the Take payment page: a module a part of the screen, each in the order of the screen.

A ``LABEL`` may mark a letter with ``&`` for the keyboard, a ``SPOKEN`` is for screen readers only, and a
``SAMPLE`` stands in an empty field, and has no digits, so that nobody takes it for a value. A pair is a
sentence and its next step.
"""
