"""The thin shell around the routing core: hears facts, lets the floor decide, acts, and hears again."""
