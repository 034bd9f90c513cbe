"""Designation: what a rule says of places, with what is not known kept as not known."""

from geoplan.designation.counted import Counted
from geoplan.designation.engine import FALSE, NOT_KNOWN, TRUE, Between, Judged, judge, judge_each

__all__ = ["FALSE", "NOT_KNOWN", "TRUE", "Between", "Counted", "Judged", "judge", "judge_each"]
