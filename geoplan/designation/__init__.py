"""Designation: what a rule says of places, with what is not known kept as not known."""

from geoplan.designation.changes import Changes, compare_rules
from geoplan.designation.compared import Compared, comparisons
from geoplan.designation.counted import Counted
from geoplan.designation.engine import FALSE, NOT_KNOWN, TRUE, Between, Judged, judge, judge_each

__all__ = [
    "FALSE",
    "NOT_KNOWN",
    "TRUE",
    "Between",
    "Changes",
    "Compared",
    "Counted",
    "Judged",
    "compare_rules",
    "comparisons",
    "judge",
    "judge_each",
]
