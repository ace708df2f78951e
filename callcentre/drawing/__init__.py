"""Draws what callers go through, as SVG."""
