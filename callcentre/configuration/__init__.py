"""The site's configuration: TOML in ``config/`` read into frozen dataclasses, every fault named at once."""
