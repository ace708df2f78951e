"""How the running service is watched: health, metrics."""
