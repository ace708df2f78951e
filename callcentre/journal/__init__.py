"""The append-only journal on local disk: facts wait here, safe, for a database that may be away."""
