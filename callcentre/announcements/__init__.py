"""What supervisors have said to every caller at once, and surge mode."""
