"""One algorithm a file: readable twin and compiled twin, arrays in, arrays out."""
