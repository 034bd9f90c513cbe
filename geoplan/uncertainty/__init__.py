"""How far the figures move when the inputs are drawn anew within their stated spreads."""
