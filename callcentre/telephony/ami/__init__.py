"""The Asterisk Manager Interface: the codec, the session, and one link kept up to each Asterisk node."""
