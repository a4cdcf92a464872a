"""Money that goes back to the payer, in the ledger: voids, refunds, and what banks and issuers take back."""
