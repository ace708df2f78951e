"""Everything that speaks with Asterisk: AMI for the floor, FastAGI for the menus."""
