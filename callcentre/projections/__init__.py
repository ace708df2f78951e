"""Turns the journal's facts into rows: the call log, what agents did, tickets."""
