"""The shell around the pure core: telephony, storage, tickets, operations and the command line."""
