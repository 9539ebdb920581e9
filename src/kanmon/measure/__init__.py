"""The record of a measure, its rules, and reading it from a text."""
