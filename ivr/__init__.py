"""The menus a caller hears, as data, and the session that walks them.  Pure: no I/O, no clock."""
