"""What the console asks for (``agents_ui.ports``), answered from the floor, the journal and the database."""
