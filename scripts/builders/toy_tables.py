"""The toy country's services: sites with every kind of trouble, areas, lists, need, manifests."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

Degrees = Callable[[float, float], tuple[float, float]]

SITE_COLUMNS = [
    "site_id", "name", "county_code", "county_name", "township_code", "township_name", "status",
    "lon", "lat", "point_precision", "point_use", "address", "phone", "source", "source_date",
    "note",
]  # fmt: skip
DAWN, DUSK = ("01", "晨霧郡"), ("02", "暮潮郡")
A, B, C, D = ("0101", "燈臺鎮"), ("0102", "霧津市"), ("0103", "長灘鎮"), ("0104", "新鎮")
E, F, NOWHERE = ("0201", "銅谷鎮"), ("0202", "新鎮"), ("", "")

# id, name, county, township, status, kilometres east and north, precision, use, note
SITES = {
    "toy_centres": [
        ("TC01", "燈臺服務中心", DAWN, A, "existing", (7.0, 29.5), "rooftop", "distance", ""),
        ("TC02", "霧津服務中心", DAWN, B, "existing", (26.0, 26.0), "rooftop", "distance", ""),
        ("TC03", "新鎮服務中心", DAWN, D, "existing", (9.0, 14.0), "township", "township",
         "only a point somewhere in the township"),
        ("TC04", "銅谷服務中心", DUSK, E, "existing", (33.0, 9.0), "street", "distance", ""),
        ("TC05", "新鎮舊服務中心", DUSK, F, "closed", (13.0, 4.0), "rooftop", "distance",
         "closed; never counted"),
    ],
    "toy_pantries": [
        ("TP01", "燈臺糧食站", DAWN, A, "existing", (4.0, 24.0), "rooftop", "distance", ""),
        ("TP02", "霧津東糧食站", DAWN, B, "existing", (31.0, 30.0), "street", "distance", ""),
        ("TP03", "霧津西糧食站", DAWN, B, "existing", (22.0, 24.0), "rooftop", "distance", ""),
        ("TP04", "銅谷糧食站", DUSK, E, "existing", (21.0, 8.0), "street", "suspect",
         "its point lies in another township"),
        ("TP05", "暮潮巡迴糧食站", DUSK, NOWHERE, "existing", None, "unknown", "none",
         "only the county is known"),
        ("TP06", "長灘舊糧食站", DAWN, C, "closed", (47.0, 29.0), "rooftop", "distance", ""),
    ],
}  # fmt: skip
# the townships each centre serves; 0203 has none: the list of its county is not complete
AREAS = {"TC01": [A], "TC02": [B, C], "TC03": [D], "TC04": [E, F, ("0204", "孤嶼鄉")]}
# layer, county, named, reported, date, completeness
LISTS = [
    ("toy_centres", ("", ""), 4, "5", "2025-01", "partial"),
    ("toy_centres", DAWN, 3, "3", "2025-01", "complete"),
    ("toy_centres", DUSK, 1, "2", "2024-10", "partial"),
    ("toy_pantries", ("", ""), 5, "", "", "unknown"),
    ("toy_pantries", DAWN, 3, "3", "2025-01", "complete"),
    ("toy_pantries", DUSK, 2, "", "", "partial"),
]
# low-income persons, median income in thousands; the islet's income is not known
NEED = {
    "0101": (804, "348"), "0102": (587, "455"), "0103": (804, "348"), "0104": (540, "412"),
    "0201": (816, "388"), "0202": (366, "365"), "0203": (95, "395"), "0204": (52, ""),
}  # fmt: skip
SERVICES = [
    ("X01", "服務中心", "service centre", "assigned by township", "依鄉鎮指派", "7", "", "",
     "4", "partial", "部分", "layer, siting", "圖層、選址"),
    ("X02", "糧食站", "food pantry", "chosen", "自行選擇", "9", "", "",
     "5", "partial", "部分", "layer, siting", "圖層、選址"),
    ("X03", "諮詢專線", "helpline", "by telephone", "電話", "", "", "",
     "0", "none", "無", "named only", "僅列名"),
]  # fmt: skip


def sites(layer: str, degrees: Degrees) -> pd.DataFrame:
    """The sites of one layer."""
    rows = []
    for site, name, county, township, status, at, precision, use, note in SITES[layer]:
        lon, lat = degrees(*at) if at else ("", "")
        rows.append((site, name, *county, *township, status, lon, lat, precision, use, "", "",
                     "invented", "2025-01", note))  # fmt: skip
    return pd.DataFrame(rows, columns=SITE_COLUMNS)


def service_areas() -> pd.DataFrame:
    """Which townships each centre serves."""
    counties = dict([DAWN, DUSK])
    rows = [
        ("toy_centres", site, code, counties[code[:2]], name, "", "invented")
        for site, served in AREAS.items()
        for code, name in served
    ]
    columns = ["layer", "site_id", "township_code", "county_name", "township_name", "part_note",
               "source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def completeness() -> pd.DataFrame:
    """How complete each list is; a blank county is the nation, a blank number is not known."""
    rows = [
        (layer, *county, named, reported, date, state, "invented")
        for layer, county, named, reported, date, state in LISTS
    ]
    columns = ["layer", "county_code", "county_name", "named", "reported_existing",
               "reported_date", "completeness", "source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def need(townships: pd.DataFrame) -> pd.DataFrame:
    """Need figures by township."""
    names = ["township_code", "township_name", "county_code", "county_name"]
    figures = pd.DataFrame(
        [NEED[code] for code in townships["township_code"]],
        columns=["low_income_persons", "income_median"],
    )
    return pd.concat([townships[names], figures], axis=1)


def services() -> pd.DataFrame:
    """Every service system of the toy programme."""
    columns = ["service_id", "service_zh", "service_en", "nature", "nature_zh", "figure",
               "year_roc", "documents", "rows_held", "completeness", "completeness_zh",
               "what_geoplan_does", "what_geoplan_does_zh"]  # fmt: skip
    return pd.DataFrame(SERVICES, columns=columns)


# table -> title, title in Chinese, note
TITLES = {
    "boundaries/counties": ("Toy country: counties", "虛構國：郡界", "Two invented counties."),
    "boundaries/townships": (
        "Toy country: townships", "虛構國：鄉鎮界",
        "Eight invented townships; two bear the same name; one is an islet without a road link.",
    ),
    "boundaries/villages": (
        "Toy country: villages", "虛構國：村界", "32 invented villages, for pictures.",
    ),
    "boundaries/village_points": (
        "Toy country: a point for each village", "虛構國：村代表點", "32 invented points.",
    ),
    "population/villages": (
        "Toy country: population of villages", "虛構國：村人口", "One village has nobody.",
    ),
    "population/townships": (
        "Toy country: population of townships", "虛構國：鄉鎮人口", "Sums of the villages.",
    ),
    "population/counties": (
        "Toy country: population of counties", "虛構國：郡人口", "Sums of the villages.",
    ),
    "need/townships": (
        "Toy country: need of townships", "虛構國：鄉鎮需求",
        "0101 and 0103 are alike in every figure: their need ties. The income of 0204 is unknown.",
    ),
    "facilities/toy_centres": (
        "Toy country: service centres", "虛構國：服務中心",
        "One has only a township point, one is closed; one more is reported but not named.",
    ),
    "facilities/toy_pantries": (
        "Toy country: food pantries", "虛構國：糧食站",
        "One point lies in another township, one site has no township, one is closed.",
    ),
    "facilities/service_areas": (
        "Toy country: townships served by each centre", "虛構國：服務區域",
        "0203 is served by no centre of the list.",
    ),
    "facilities/completeness": (
        "Toy country: how complete each list is", "虛構國：清單完整程度",
        "The second county's lists are not complete; how many pantries stand is not known.",
    ),
    "programme/services": (
        "Toy country: every service system", "虛構國：服務體系", "Three invented services.",
    ),
    "roads/nodes": ("Toy country: road nodes", "虛構國：道路節點", "Invented."),
    "roads/edges": (
        "Toy country: roads", "虛構國：道路",
        "One stretch is closed, one depends on the weather, one is one-way, one is an expressway.",
    ),
    "roads/local_edges": (
        "Toy country: local links", "虛構國：地方連線",
        "mesh joins neighbouring villages, ramp a village and a road; a ridge has no link.",
    ),
    "roads/village_access": (
        "Toy country: where each village reaches the roads", "虛構國：村上路點",
        "One village starts 2.5 km from its point. land_id 1 is the islet.",
    ),
    "roads/ferries": (
        "Toy country: a ferry", "虛構國：渡輪", "Not used unless a study says so.",
    ),
}  # fmt: skip

MANIFEST = """\
title = "{title}"
title_zh = "{title_zh}"
table = "{table}"
rows = {rows}
origin = "Invented for geoplan's tests: this country does not exist"
origin_zh = "為測試虛構，並無此國"
intermediate = ""
date = "2025-01"
licence = "CC0-1.0"
licence_note = "Invented figures, dedicated to the public domain (CC0 1.0 Universal)."
sha256 = "{sha256}"
rebuild = "scripts/make_toy.py"
inputs = []
note = "{note}"

[columns]
{columns}"""
