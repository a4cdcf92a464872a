"""The Take payment page: lookup, search, selection and basket."""
