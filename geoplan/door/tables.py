"""The columns of every table that comes in: name, kind, unit, meaning, required or not."""

from __future__ import annotations

from geoplan.tables import (
    CANDIDATE_STATUSES,
    COMPLETENESS_TABLE,
    POINT_USES,
    PRECISIONS,
    SITE_STATUSES,
    Column,
    Table,
)

_C = Column

TOWNSHIPS = Table(
    "townships",
    (
        _C("township_code", "id", "鄉鎮市區代碼", "township code"),
        _C("township_name", "id", "鄉鎮市區", "township"),
        _C("township_name_en", "text", "鄉鎮市區（英文）", "township (English)", may_be_empty=True),
        _C("county_code", "id", "縣市代碼", "county code"),
        _C("county_name", "id", "縣市", "county"),
        _C("county_name_en", "text", "縣市（英文）", "county (English)", may_be_empty=True),
    ),
    ("township_code",),
)

POINTS = Table(
    "points",
    (
        _C("village_code", "id", "村里代碼", "village code"),
        _C("village_name", "text", "村里", "village", may_be_empty=True),
        _C("township_code", "id", "鄉鎮市區代碼", "township code"),
        _C("lon", "lon", "經度", "longitude", "degree"),
        _C("lat", "lat", "緯度", "latitude", "degree"),
    ),
    ("village_code",),
)

POPULATION = Table(
    "population",
    (
        _C("village_code", "id", "村里代碼", "village code"),
        _C("population", "people", "人口數", "population", "person"),
    ),
    ("village_code",),
)

SITES = Table(
    "sites",
    (
        _C("site_id", "id", "據點編號", "site id"),
        _C("layer", "id", "服務別", "layer", required=False),
        _C("name", "id", "名稱", "name"),
        _C("county_code", "text", "縣市代碼", "county code", required=False, may_be_empty=True),
        _C("county_name", "text", "縣市", "county", required=False, may_be_empty=True),
        _C(
            "township_code",
            "text",
            "鄉鎮市區代碼",
            "township code",
            required=False,
            may_be_empty=True,
        ),
        _C("township_name", "text", "鄉鎮市區", "township", required=False, may_be_empty=True),
        _C("status", "text", "狀態", "status", choices=SITE_STATUSES, required=False),
        _C("lon", "lon", "經度", "longitude", "degree", required=False, may_be_empty=True),
        _C("lat", "lat", "緯度", "latitude", "degree", required=False, may_be_empty=True),
        _C(
            "point_precision",
            "text",
            "座標精度",
            "precision of the point",
            choices=PRECISIONS,
            required=False,
        ),
        _C(
            "point_use",
            "text",
            "座標可否量距",
            "use of the point",
            choices=POINT_USES,
            required=False,
        ),
        _C("address", "text", "地址", "address", required=False, may_be_empty=True),
        _C("phone", "text", "電話", "telephone", required=False, may_be_empty=True),
        _C("capacity", "number", "容量", "capacity", required=False, may_be_empty=True, least=0),
        _C("source", "text", "來源", "source", required=False, may_be_empty=True),
        _C(
            "source_date",
            "text",
            "資料日期",
            "date of the source",
            required=False,
            may_be_empty=True,
        ),
        _C("note", "text", "備註", "note", required=False, may_be_empty=True),
    ),
    ("site_id",),
)

SERVICE_AREAS = Table(
    "service_areas",
    (
        _C("layer", "id", "服務別", "layer"),
        _C("site_id", "id", "據點編號", "site id"),
        _C("township_code", "id", "鄉鎮市區代碼", "township code"),
    ),
    ("layer", "site_id", "township_code"),
)

COUNTIES = Table(
    "counties",
    (
        _C("county_code", "id", "縣市代碼", "county code"),
        _C("county_name", "id", "縣市", "county"),
        _C("county_name_en", "text", "縣市（英文）", "county (English)", "", False, True),
    ),
    ("county_code",),
)

VILLAGES = Table(
    "villages",
    (
        _C("village_code", "id", "村里代碼", "village code"),
        _C("village_name", "text", "村里", "village", "", False, True),
        _C("township_code", "id", "鄉鎮市區代碼", "township code"),
        _C("retired", "flag", "已裁併", "retired", "", False),
    ),
    ("village_code",),
)

TOWNSHIP_FIGURES = Table(
    "township_figures",
    (_C("township_code", "id", "鄉鎮市區代碼", "township code"),),
    ("township_code",),
)

COUNTY_FIGURES = Table(
    "county_figures", (_C("county_code", "id", "縣市代碼", "county code"),), ("county_code",)
)

SERVICES = Table(
    "services",
    (
        _C("service_id", "id", "服務編號", "service id"),
        _C("service_zh", "id", "服務", "service"),
        _C("service_en", "text", "服務（英文）", "service (English)", "", False, True),
    ),
    ("service_id",),
)

ROAD_NODES = Table(
    "road_nodes",
    (
        _C("node_id", "id", "節點", "node"),
        _C("lon", "lon", "經度", "longitude", "degree"),
        _C("lat", "lat", "緯度", "latitude", "degree"),
    ),
    ("node_id",),
)

_LINK = (
    _C("from_node", "id", "起點節點", "from node"),
    _C("to_node", "id", "迄點節點", "to node"),
    _C("length_metres", "number", "長度", "length", "metre", least=0),
    _C("speed_kph", "number", "速率", "speed", "km/h", least=1),
)

GAP_RULINGS = ("kept", "jump")
"""How long a stretch without posts is: by chainage, or by the straight line."""

ROAD_STATUSES = ("closed", "restricted", "restricted_hours", "weather", "open")
ROAD_RULINGS = (*GAP_RULINGS, "absent", *ROAD_STATUSES)

ROAD_EDGES = Table(
    "road_edges",
    (
        *_LINK,
        _C("road_class", "text", "道路類別", "road class"),
        _C("direction", "text", "方向", "direction", choices=("both", "forward")),
        _C("status", "text", "通行狀態", "status"),
        _C("verified", "flag", "狀態已查證", "status read in an official file", "", False),
    ),
    (),
)

RULINGS = Table(
    "road_rulings",
    (
        _C("route", "id", "路線", "route"),
        _C("from_metres", "count", "起點里程", "chainage of the start", "metre"),
        _C("to_metres", "number", "迄點里程", "chainage of the end", "metre", True, True, least=0),
        _C("ruling", "text", "裁定", "ruling", "", choices=ROAD_RULINGS),
        _C("date", "text", "裁定日期", "date of the ruling"),
        _C("evidence", "text", "依據", "evidence", "", choices=("data", "general_knowledge")),
        _C("verified", "flag", "已查證", "read in an official file"),
        _C("source", "text", "來源", "source"),
        _C("note", "text", "備註", "note", may_be_empty=True),
    ),
    ("route", "from_metres", "ruling"),
)

LOCAL_EDGES = Table("local_edges", (*_LINK, _C("kind", "text", "類別", "kind")), ())

VILLAGE_ACCESS = Table(
    "village_access",
    (
        _C("village_code", "id", "村里代碼", "village code"),
        _C("access_lon", "lon", "上路點經度", "longitude of the access point", "degree"),
        _C("access_lat", "lat", "上路點緯度", "latitude of the access point", "degree"),
        _C("density_per_km2", "number", "人口密度", "density", "person/km2", least=0),
        _C("mountain", "flag", "山區", "mountain", "", False),
    ),
    ("village_code",),
)

FERRIES = Table(
    "ferries",
    (
        _C("from_village_code", "text", "起點村里代碼", "from village", may_be_empty=True),
        _C("to_village_code", "text", "迄點村里代碼", "to village", may_be_empty=True),
        _C("minutes", "minutes", "航程", "minutes", "minute"),
        _C("wait_minutes", "minutes", "候船", "minutes of waiting", "minute"),
        _C("verified", "flag", "已查證", "read in a timetable", "", False),
    ),
    (),
)

OWN_SITES = Table(
    "own_sites",
    (
        _C("site_id", "id", "據點編號", "site id"),
        _C("layer", "text", "服務別", "layer", may_be_empty=True),
        _C("name", "text", "名稱", "name", may_be_empty=True),
        _C("county", "text", "縣市", "county", may_be_empty=True),
        _C("township", "text", "鄉鎮市區", "township", may_be_empty=True),
        _C("lon", "lon", "經度", "longitude", "degree", False, True),
        _C("lat", "lat", "緯度", "latitude", "degree", False, True),
        _C("address", "text", "地址", "address", "", False, True),
        _C("phone", "text", "電話", "telephone", "", False, True),
        _C("capacity", "number", "容量", "capacity", "", False, True, least=0),
        _C("status", "text", "狀態", "status", "", False, True, SITE_STATUSES),
        _C("point_precision", "text", "座標精度", "precision", "", False, True, PRECISIONS),
        _C("source", "text", "來源", "source", "", False, True),
        _C("source_date", "text", "資料日期", "date of the source", "", False, True),
        _C("note", "text", "備註", "note", "", False, True),
    ),
    ("site_id",),
)

# Tables of one's own for the single commands (travel, access, site).
MATRIX = Table(
    "matrix",
    (
        _C("demand_id", "id", "需求點", "demand point"),
        _C("site_id", "id", "據點編號", "site id"),
        _C("minutes", "minutes", "車程", "minutes", "minute"),
    ),
    ("demand_id", "site_id"),
)

DEMAND = Table(
    "demand",
    (
        _C("demand_id", "id", "需求點", "demand point"),
        _C("population", "people", "人口", "population", "person"),
    ),
    ("demand_id",),
)

CANDIDATES = Table(
    "candidates",
    (
        _C("site_id", "id", "據點編號", "site id"),
        _C("capacity", "number", "容量", "capacity", "", False, True, least=0),
        _C("group", "text", "群組", "group", "", False, True),
        _C("cost", "number", "成本", "cost", "", False, True, least=0),
        _C(
            "status",
            "text",
            "狀態",
            "status: existing sites stay open",
            "",
            False,
            True,
            CANDIDATE_STATUSES,
        ),
        _C("lon", "lon", "經度", "longitude", "degree", False, True),
        _C("lat", "lat", "緯度", "latitude", "degree", False, True),
    ),
    ("site_id",),
)

OWN_ROADS = Table(
    "own_roads",
    (
        _C("u", "id", "起點節點", "from node"),
        _C("v", "id", "迄點節點", "to node"),
        _C("minutes", "minutes", "車程", "minutes", "minute", False),
        _C("metres", "number", "長度", "length", "metre", False, least=0),
        _C("speed_kph", "number", "速率", "speed", "km/h", False, least=1),
        _C("road_class", "text", "道路類別", "road class", "", False, True),
        _C("imputed", "flag", "速率為推估", "speed not stated in the source", "", False, True),
        _C("ferry", "flag", "渡輪", "ferry", "", False, True),
        _C("link", "text", "路段", "link: one number for both directions", "", False),
    ),
    (),
)

_TRAVEL_POINT = (
    _C("node_id", "text", "節點", "node at which the point stands", "", False, True),
    _C("lon", "lon", "經度", "longitude", "degree", False, True),
    _C("lat", "lat", "緯度", "latitude", "degree", False, True),
)
TRAVEL_FROM = Table(
    "travel_from", (_C("demand_id", "id", "需求點", "demand point"), *_TRAVEL_POINT), ("demand_id",)
)
TRAVEL_TO = Table(
    "travel_to", (_C("site_id", "id", "據點編號", "site id"), *_TRAVEL_POINT), ("site_id",)
)

INPUT_TABLES = (
    TOWNSHIPS,
    COUNTIES,
    VILLAGES,
    POINTS,
    POPULATION,
    TOWNSHIP_FIGURES,
    COUNTY_FIGURES,
    SITES,
    OWN_SITES,
    SERVICE_AREAS,
    COMPLETENESS_TABLE,
    SERVICES,
    ROAD_NODES,
    ROAD_EDGES,
    LOCAL_EDGES,
    VILLAGE_ACCESS,
    FERRIES,
    RULINGS,
    MATRIX,
    DEMAND,
    CANDIDATES,
    OWN_ROADS,
    TRAVEL_FROM,
    TRAVEL_TO,
)
