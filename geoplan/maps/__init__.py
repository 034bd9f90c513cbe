"""The council map: one HTML file that works with the network off, made from a Plan alone."""

from geoplan.maps.page import write_page

__all__ = ["write_page"]
