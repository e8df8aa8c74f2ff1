"""Reads lists into the house: the registers row by row, and every matter as a case of its own."""
