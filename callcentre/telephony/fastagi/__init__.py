"""The FastAGI server: Asterisk brings a channel here, the menus speak with it, Asterisk takes it on."""
