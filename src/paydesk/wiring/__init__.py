"""Connect settings, gateways, ledger and services into one desk. Only this package knows them all."""
