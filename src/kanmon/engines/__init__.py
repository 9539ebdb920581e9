"""Engines turn a Shock into an Outcome; each keeps the laws of checks.py."""
