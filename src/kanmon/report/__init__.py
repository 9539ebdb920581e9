"""From an Assessment to the card, JSON and HTML."""
