"""The vendors over HTTP: AndDone moves money, AMS360 holds the invoices."""
