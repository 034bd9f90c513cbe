"""The study: one TOML file that says what to plan, read strictly and told clearly.

Unknown keys are refused with the nearest right key; every fault of the file is told at once with
its key path. The rules of the study's layers stand in files of their own beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from geoplan.door.study_checks import FromToml, Loc, TomlFile, parse_toml
from geoplan.errors import BadInput, Fault, SourceMissing
from geoplan.keys import (
    Crs,
    Date,
    Flag,
    Model,
    Positive,
    Slug,
    Text,
    Whole,
    refers,
    twice,
)
from geoplan.need_spec import Need, layer_faults, need_faults
from geoplan.paths import bundled
from geoplan.phasing_spec import LayerSiting, Phasing, phasing_faults
from geoplan.programme_spec import Programme
from geoplan.rules import UNIVERSES, Rule, read_rule
from geoplan.texts import say
from geoplan.uncertainty_spec import Uncertainty, uncertainty_faults

Eligibility = Literal["service_area", "county", "anyone"]
# Used where a study has no roads, or does not say; the rows then carry a flag.
STRAIGHT_LINE_DETOUR = 1.4
STRAIGHT_LINE_SPEED_KPH = 40.0


class Files(Model):
    """The tables of the study, looked for beside it and then in the bundled data."""

    townships: Text
    counties: Text
    villages: Text | None = None
    points: Text
    population: Annotated[tuple[Text, ...], Field(min_length=1)]
    township_figures: tuple[Text, ...] = ()
    county_figures: tuple[Text, ...] = ()
    service_areas: Text | None = None
    completeness: Text | None = None
    services: Text | None = None
    excluded: Text | None = None


class Roads(Model):
    """The road network and how it is read; speeds are km/h, lengths metres."""

    name_zh: Text
    name_en: Text
    nodes: Text
    edges: Text
    local_edges: Text
    access: Text
    ferries: Text | None = None
    use_ferries: Flag = False
    open_status: Annotated[tuple[Text, ...], Field(min_length=1)] = ("open",)
    modelled_kinds: tuple[Text, ...] = ()
    direct_within_metres: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 0
    straight_line_detour: Annotated[float, Field(ge=1, allow_inf_nan=False, strict=True)] = (
        STRAIGHT_LINE_DETOUR
    )
    straight_line_speed_kph: Positive = STRAIGHT_LINE_SPEED_KPH


class OwnRoads(Model):
    """A planner's own roads, used instead of `roads`: a folder of `geoplan roads build` or tables.

    Speeds are km/h. Places join the nearest road at most `max_snap_metres` away, over the last
    metres at `access_kph`.
    """

    name_zh: Text
    name_en: Text
    edges: Text
    nodes: Text | None = None
    use_ferries: Flag = False
    access_kph: Positive = 20
    max_snap_metres: Positive = 5000


class OwnMatrix(Model):
    """A planner's own minutes (demand_id, site_id, minutes), used instead of any road."""

    name_zh: Text
    name_en: Text
    file: Text


class MinutesFrom(NamedTuple):
    """Where minutes come from: what every row says (`code`), and what people call it."""

    code: Literal["own_matrix", "own_roads", "roads", "straight_line"]
    name_zh: str
    name_en: str


class Group(Model):
    """A target group: the sum of `columns`, counted at `level`, spread over villages if larger."""

    id: Slug
    name_zh: Text
    name_en: Text
    columns: Annotated[tuple[Text, ...], Field(min_length=1)]
    level: Literal["village", "township", "county"]
    spread_by: Text | None = None


class Layer(Model):
    """One kind of service: its sites, its target, who may use it and how far is too far."""

    id: Slug
    name_zh: Text
    name_en: Text
    symbol: Literal["circle", "square", "triangle", "diamond"]
    file: Text
    target: Whole
    target_source: Text
    group: Slug
    eligibility: Annotated[tuple[Eligibility, ...], Field(min_length=1)]
    minutes: Positive
    per_person: Literal["residents_per_site", "sites_per_1000", "sites_within_reach"]
    measures: tuple[Literal["second_nearest", "e2sfca", "e2sfca_anyone"], ...] = ()
    decay: Text = "luo-qi-2009-slow"
    capacity: Literal["sites", "given"] | Positive = "sites"
    siting: LayerSiting = LayerSiting()


class Study(Model):
    """What to plan. `folder` is where the TOML lies; `rules` has two rules a layer."""

    id: Slug
    title_zh: Text
    title_en: Text
    data_date: Date
    metres_crs: Crs
    area_km2: Text | None = None  # the column of official areas: says which places are remote
    files: Files
    roads: Roads | None = None
    own_roads: OwnRoads | None = None
    own_matrix: OwnMatrix | None = None
    need: Need
    groups: Annotated[tuple[Group, ...], Field(alias="group", min_length=1)]
    layers: Annotated[tuple[Layer, ...], Field(alias="layer", min_length=1)]
    uncertainty: Uncertainty | None = None
    programme: Programme | None = None
    phasing: Phasing | None = None
    folder: Path = Path()
    rules: tuple[Rule, ...] = ()

    @property
    def minutes_from(self) -> MinutesFrom:
        """The planner's matrix before their roads before the study's, else straight lines."""
        if self.own_matrix is not None:
            return MinutesFrom("own_matrix", self.own_matrix.name_zh, self.own_matrix.name_en)
        if self.own_roads is not None:
            return MinutesFrom("own_roads", self.own_roads.name_zh, self.own_roads.name_en)
        if self.roads is not None:
            return MinutesFrom("roads", self.roads.name_zh, self.roads.name_en)
        told = (say("export.minutes_from.straight_line", lang) for lang in ("zh", "en"))
        return MinutesFrom("straight_line", *told)

    @property
    def straight_line(self) -> tuple[float, float]:
        """Detour factor and speed (km/h) of the straight-line fallback."""
        if self.roads is None:
            return STRAIGHT_LINE_DETOUR, STRAIGHT_LINE_SPEED_KPH
        return self.roads.straight_line_detour, self.roads.straight_line_speed_kph


def read_study(ref: str | Path) -> Study:
    """Read a study by its path, or a bundled one by its name (`tw-2030`, `studies/tw-2030.toml`).

    Raises:
        BadInput: if the study or one of its rules is not right; all faults at once.
        SourceMissing: if there is no such study.
    """
    path = locate(ref)
    read = parse_toml(path)
    reserved = [key for key in ("folder", "rules") if key in read.table]
    unknown = [read.unknown_key((key,), Study) for key in reserved]
    table = {key: value for key, value in read.table.items() if key not in reserved}
    parts: FromToml[Study] = read.validate(Study, {**table, "folder": path.parent.resolve()})
    faults = [*read.faults, *unknown, *parts.faults]
    if parts.value is None:
        raise BadInput(faults)
    faults += study_faults(parts.value, read)
    rules = []
    for layer in parts.value.layers:
        for universe in UNIVERSES:
            rule, rule_faults = read_rule(path.parent, layer.id, universe)
            faults += rule_faults
            rules += [rule] if rule else []
            if rule and rule.minutes not in (None, layer.minutes):
                values = {"layer": layer.id, "minutes": layer.minutes}
                values["rule_minutes"] = rule.minutes
                faults.append(Fault("rule_minutes", f"rules/{rule.id}.toml", (), "minutes", values))
    if faults:
        raise BadInput(faults)
    return parts.value.model_copy(update={"rules": tuple(rules)})


def locate(ref: str | Path) -> Path:
    """The path of a study given by path or by the name of a bundled one.

    Raises:
        SourceMissing: if there is none; the bundled names are told.
    """
    path = Path(ref)
    if path.is_file():
        return path
    studies = bundled("studies")
    name = path.name.removesuffix(".toml")
    if path.parent in (Path(), Path("studies")) and (studies / f"{name}.toml").is_file():
        return studies / f"{name}.toml"
    known = sorted(each.stem for each in studies.glob("*.toml"))
    raise SourceMissing("study_missing", study=str(ref), known=", ".join(known))


def find(study: Study, relative: str) -> Path:
    """A file (or a folder of roads) of the study: beside it first, then in the bundled data.

    Raises:
        SourceMissing: if it is in neither place.
    """
    for place in (study.folder / relative, bundled("data") / relative):
        if place.is_file() or (place.is_dir() and relative == study_roads(study)):
            return place
    raise SourceMissing("sources_missing", files=relative)


def study_roads(study: Study) -> str | None:
    """What the study names as roads of a planner's own: the one thing that may be a folder."""
    return study.own_roads.edges if study.own_roads else None


def study_faults(study: Study, read: TomlFile) -> list[Fault]:
    """What no single key can show: ids given twice, names that point nowhere."""
    faults = [
        *twice(read, "layer", [layer.id for layer in study.layers]),
        *twice(read, "group", [group.id for group in study.groups]),
    ]
    if not is_metric(study.metres_crs):
        faults.append(read.fault("crs_not_metric", ("metres_crs",), crs=study.metres_crs))
    faults += uncertainty_faults(study.uncertainty, read)
    faults += phasing_faults(study.phasing, study.layers, read)
    layers = {layer.id for layer in study.layers}
    groups = {group.id for group in study.groups}
    used = {each.id: each for each in map(study.need.profile_of, sorted(layers))}
    faults += layer_faults(study.need, read, layers)
    faults += need_faults(study.need, read, ("need",), used.values())
    for place, layer in enumerate(study.layers):
        at: Loc = ("layer", place)
        faults += refers(read, (*at, "group"), [layer.group], groups)
        faults += refers(read, (*at, "siting", "also_at"), layer.siting.also_at, layers)
        if "service_area" in layer.eligibility and study.files.service_areas is None:
            faults.append(read.fault("service_areas_needed", (*at, "eligibility")))
    for place, group in enumerate(study.groups):
        if group.level != "village" and group.spread_by is None:
            faults.append(read.fault("spread_by_needed", ("group", place, "spread_by")))
    return faults


def is_metric(crs: str) -> bool:
    """Whether `crs` is known and projected in metres."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        return False
    return known.is_projected and all(axis.unit_name == "metre" for axis in known.axis_info)
