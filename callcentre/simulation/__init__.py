"""What surrounds the simulator: scenarios from files, results as text, JSON and a picture."""
