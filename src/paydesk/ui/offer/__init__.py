"""Payment links and the processor's own page: somebody else enters the card or account."""
