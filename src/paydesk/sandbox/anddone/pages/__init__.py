"""AndDone's pages for payers: the hosted page of an intent, and the page of a payment link."""
