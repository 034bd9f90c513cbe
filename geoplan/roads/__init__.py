"""Road networks: read from OpenStreetMap, downloaded when asked for, or put together from lists."""
