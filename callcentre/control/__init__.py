"""How the command line speaks to the running service: HTTP on a socket file only its owner can open."""
