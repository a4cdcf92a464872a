"""Reports of a desk: attention, advice, day end and doctor."""
