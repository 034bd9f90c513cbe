"""The trunk roads of Taiwan put together from official lists of mileposts and interchanges."""
