"""The window: it asks and shows, and decides nothing."""

from paydesk.ui import singletons

singletons.keep()
