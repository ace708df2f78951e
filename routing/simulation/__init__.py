"""The same floor as in production, on a virtual clock, among imagined callers and agents.

It answers what cannot be tried on citizens: how long will they wait on Monday, how many agents are enough?
Pure like the rest of ``routing``; its chance is a ``random.Random`` of a stated seed, so that every run
can be had again.
"""
