"""What callers hear: the texts in ``config/`` made into sounds Asterisk can play."""
