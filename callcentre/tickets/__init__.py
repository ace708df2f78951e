"""Tickets: what citizens bring forward, from the docket number an agent reads out to its row."""
