"""Post receipts into the agency system."""
