"""Where sites should stand: one problem, many models, plans with proven bounds."""
