"""AndDone and AMS360 as local HTTP servers with state, for training and tests."""
