"""What the one door is made of: bytes to tables, tables to checked tables, places, points.

`catalog` opens the files of a study with these; nothing else does.
"""
