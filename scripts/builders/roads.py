"""The road tables: the trunk network of the official mileposts and the local links around it."""

from __future__ import annotations

import pandas as pd

from builders.common import Builder, Sources, read_text_table, sorted_by

ACCESS_RULES = {
    "point of base layer": "village_point",
    "post at the 10th elevation percentile of provincial posts inside the village": "low_road_post",
    "polygon point nearest to a provincial post or plain village of the county (<4 km)":
        "polygon_near_road",
}  # fmt: skip
LENGTH_BASES = {
    "chainage": "chainage",
    "geometry": "geometry",
    "assumed": "assumed",
    "straight x1.03 (chainage shorter)": "straight_x1.03",
    "straight x1.08 (chainage jump)": "straight_x1.08",
}

GENERAL_KNOWLEDGE = "general knowledge"
"""Stands in the note of a stretch whose status no official file was read for."""


def coded(values: pd.Series, words: dict[str, str]) -> pd.Series:
    """Each value replaced by our word for it; an unknown value is an error."""
    found = values.map(words)
    if found.isna().any():
        raise ValueError(f"no word for {values[found.isna()].iloc[0]!r}")
    return found


def renamed(raw: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The columns theirs -> ours, in that order."""
    return raw[list(columns)].rename(columns=columns)


def trunk_nodes(sources: Sources) -> pd.DataFrame:
    """Posts, junctions and interchanges of the trunk network."""
    raw = read_text_table(sources["trunk_nodes.csv"])
    out = renamed(raw, {"node_id": "node_id", "lon": "lon", "lat": "lat", "kind": "kind",
                        "route": "route", "km_m": "chainage_metres",
                        "elev_m": "elevation_metres", "name": "name"})  # fmt: skip
    out["node_id"] = "t" + out["node_id"]
    return sorted_by(out, "node_id")


def trunk_edges(sources: Sources) -> pd.DataFrame:
    """Stretches of trunk road with length, speed and status."""
    raw = read_text_table(sources["trunk_edges.csv"])
    out = renamed(raw, {"u": "from_node", "v": "to_node", "route": "route",
                        "road_class": "road_class", "length_m": "length_metres",
                        "speed_kph": "speed_kph", "direction": "direction", "status": "status",
                        "length_basis": "length_basis", "note": "note"})  # fmt: skip
    out["from_node"] = "t" + out["from_node"]
    out["to_node"] = "t" + out["to_node"]
    out["length_basis"] = coded(out["length_basis"], LENGTH_BASES)
    general = out["note"].str.contains(GENERAL_KNOWLEDGE, regex=False)
    out.insert(
        out.columns.get_loc("status") + 1, "verified", general.map({True: "false", False: "true"})
    )
    return sorted_by(out, "from_node", "to_node", "route")


def local_edges(sources: Sources) -> pd.DataFrame:
    """Modelled links between village access points, and from them to the trunk network."""
    raw = read_text_table(sources["local_edges.csv"])
    out = renamed(raw, {"u": "from_node", "v": "to_node", "kind": "kind",
                        "length_m": "length_metres", "speed_kph": "speed_kph"})  # fmt: skip
    return sorted_by(out, "from_node", "to_node", "kind")


def village_access(sources: Sources) -> pd.DataFrame:
    """Where each village's people reach the road."""
    raw = read_text_table(sources["village_access.csv"])
    out = renamed(raw, {"village_code": "village_code", "access_lon": "access_lon",
                        "access_lat": "access_lat", "land_id": "land_id",
                        "density_km2": "density_per_km2", "mountain": "mountain",
                        "access_rule": "access_rule"})  # fmt: skip
    points = read_text_table(sources["village_points.csv"]).set_index("village_code")
    out["mountain"] = out["mountain"].str.lower()
    out["access_rule"] = coded(out["access_rule"], ACCESS_RULES)
    base = points.loc[out["village_code"]]
    elsewhere = (out["access_lon"].to_numpy() != base["lon"].to_numpy()) | (
        out["access_lat"].to_numpy() != base["lat"].to_numpy()
    )
    by_hand = (out["access_rule"] == "village_point") & elsewhere
    out.loc[by_hand, "access_rule"] = "moved_by_hand"
    return sorted_by(out, "village_code")


def interchanges(sources: Sources) -> pd.DataFrame:
    """Freeway interchanges and what they join."""
    raw = read_text_table(sources["interchanges.csv"])
    out = renamed(raw, {"node": "node_id", "route": "route", "name": "name", "k": "chainage_km",
                        "system": "system", "links_to": "links_to", "serves": "serves",
                        "note": "note"})  # fmt: skip
    out["node_id"] = "t" + out["node_id"]
    out["system"] = out["system"].str.lower()
    return sorted_by(out, "node_id")


def gaps(sources: Sources) -> pd.DataFrame:
    """Every stretch over 1.6 km without a milepost, and how it is treated."""
    raw = read_text_table(sources["gaps.csv"])
    out = renamed(raw, {"route": "route", "k0": "from_metres", "k1": "to_metres",
                        "straight_m": "straight_metres", "action": "action",
                        "why": "reason"})  # fmt: skip
    for name in ("from_metres", "to_metres", "straight_metres"):
        out[name] = out[name].str.removesuffix(".0")
    return out.sort_values(["route", "from_metres"], key=in_order, ignore_index=True)


def in_order(values: pd.Series) -> pd.Series:
    """Text by text, metres by size."""
    return values.astype(int) if values.name == "from_metres" else values


def ferries(sources: Sources) -> pd.DataFrame:
    """Sea and air links; none is used unless a study switches ferries on."""
    raw = read_text_table(sources["ferries.csv"])
    out = renamed(raw, {"mode": "mode", "from_port": "from_port", "to_port": "to_port",
                        "from_lon": "from_lon", "from_lat": "from_lat", "to_lon": "to_lon",
                        "to_lat": "to_lat", "from_village": "from_village_code",
                        "from_village_zh": "from_village_name",
                        "to_village": "to_village_code", "to_village_zh": "to_village_name",
                        "minutes": "minutes", "wait_minutes": "wait_minutes",
                        "link_certainty": "link_certainty", "time_certainty": "time_certainty",
                        "note": "note"})  # fmt: skip
    general = raw["time_certainty"].str.contains(GENERAL_KNOWLEDGE, regex=False)
    out["time_certainty"] = out["time_certainty"].str.partition(" ")[0]
    out.insert(len(out.columns) - 1, "verified", general.map({True: "false", False: "true"}))
    return sorted_by(out, "mode", "from_port", "to_port")


def pairs(sources: Sources) -> pd.DataFrame:
    """Town pairs with a remembered driving time, to see how far the model is off."""
    raw = read_text_table(sources["pairs.csv"])
    out = renamed(raw, {"from": "from_place", "to": "to_place",
                        "reference_min_general_knowledge": "reference_minutes",
                        "model_min": "model_minutes", "ratio": "model_over_reference",
                        "straight_line_min": "straight_line_minutes",
                        "route_minutes": "route_minutes"})  # fmt: skip
    return sorted_by(out, "from_place", "to_place")


BUILDERS: dict[str, Builder] = {
    "roads/trunk_nodes.csv": trunk_nodes,
    "roads/trunk_edges.csv": trunk_edges,
    "roads/local_edges.csv": local_edges,
    "roads/village_access.csv": village_access,
    "roads/interchanges.csv": interchanges,
    "roads/gaps.csv": gaps,
    "roads/ferries.csv": ferries,
    "roads/pairs.csv": pairs,
}
