"""The result tables of a plan: one row per township and layer, per village and layer, per site."""
