"""The doors: command line, and the run behind every door."""
