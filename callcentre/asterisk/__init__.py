"""Asterisk as a part: its whole private configuration rendered from ours, and its process."""
