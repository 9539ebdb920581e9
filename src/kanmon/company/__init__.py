"""One firm: from its own files to the lines touched, days of cover, money and the cheapest fix."""
