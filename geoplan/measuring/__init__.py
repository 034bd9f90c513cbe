"""Figures from tables of one's own: access measures and equity figures, read, found, written."""
