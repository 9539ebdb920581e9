"""One file per command of the terminal; nothing heavy is imported before a command runs."""
