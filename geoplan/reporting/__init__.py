"""`geoplan report`: one content, told from a finished result, in three forms."""
