"""Who may sign in, with which password, and which browsers are signed in."""
