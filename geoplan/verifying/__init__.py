"""A saved result proved again: its files, its tables, and its plans of sites without a solver."""
