"""Travel matrices written to files: sparse or dense, CSV or Parquet, whole or not at all.

Minutes have five decimals in CSV, so milliseconds survive. Every file is written aside and
renamed when all of them are complete.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.errors import CannotWrite
from geoplan.export.folder import MANIFEST, read_manifest
from geoplan.model import Ints, Strings
from geoplan.travel.network import MS_PER_MINUTE

ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Rows:
    """Trips of the demand points from `first` up to, and without, `last`: positions of demand
    and site, and milliseconds, in the order in which they are to be written."""

    first: int
    last: int
    demand: Ints
    site: Ints
    ms: Ints


@contextmanager
def written_aside(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Paths beside the wanted ones to write to; renamed together at the end, or taken away.

    Raises:
        CannotWrite: if the system says no, a folder stands where a file is to be, or the file is
            part of a finished result.
    """
    # The ending stays the last part of the name: it says which format to write.
    aside = [path.with_name(f".{os.getpid()}.part.{path.name}") for path in paths]
    try:
        for path, part in zip(paths, aside, strict=True):
            if path.is_dir():
                raise CannotWrite("file_in_the_way", path=str(path))
            if path.name in (*(read_manifest(path.parent) or ()), MANIFEST):
                raise CannotWrite("part_of_result", path=str(path), folder=str(path.parent))
            part.unlink(missing_ok=True)  # of a killed process that had our number
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        yield aside
        for part, path in zip(aside, paths, strict=True):
            part.replace(path)
    except CannotWrite:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite("cannot_write", folder=str(paths[0].parent), why=why) from error
    finally:
        for part in aside:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def minutes_text(ms: Ints) -> Any:
    """Minutes with five decimals as Arrow text, rounded half up."""
    import pyarrow as pa
    import pyarrow.compute as pc

    steps = (ms.astype(np.int64) * 10 + 3) // 6  # hundred-thousandths of a minute
    whole = pc.cast(pa.array(steps // 100_000), pa.string())
    rest = pc.utf8_slice_codeunits(pc.cast(pa.array(steps % 100_000 + 100_000), pa.string()), 1)
    return pc.binary_join_element_wise(whole, rest, ".")


def csv_cells(ids: Strings) -> Any:
    """Ids as cells of a CSV, quoted where they must be, as Arrow text."""
    import pyarrow as pa

    def cell(text: str) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([text])
        return line.getvalue()

    return pa.array([cell(str(each)) for each in ids], pa.string())


def write_sparse(path: Path, demand_id: Strings, site_id: Strings, rows: Iterable[Rows]) -> int:
    """demand_id, site_id, minutes: one row a trip; returns how many."""
    if path.suffix.lower() == ".parquet":
        return _sparse_parquet(path, demand_id, site_id, rows)
    import pyarrow as pa
    import pyarrow.compute as pc

    demand, site, count = csv_cells(demand_id), csv_cells(site_id), 0
    with path.open("xb") as file:
        file.write(b"demand_id,site_id,minutes\n")
        for part in rows:
            lines = pc.binary_join_element_wise(
                demand.take(pa.array(part.demand)),
                site.take(pa.array(part.site)),
                pc.binary_join_element_wise(minutes_text(part.ms), "", "\n"),
                ",",
            )
            file.write("".join(lines.to_pylist()).encode())
            count += len(part.ms)
    return count


def _sparse_parquet(path: Path, demand_id: Strings, site_id: Strings, rows: Iterable[Rows]) -> int:
    import pyarrow as pa

    demand, site = (pa.array(each.tolist(), pa.string()) for each in (demand_id, site_id))

    def table(part: Rows) -> Any:
        minutes = pa.array(part.ms / MS_PER_MINUTE)
        cells = [demand.take(pa.array(part.demand)), site.take(pa.array(part.site)), minutes]
        return pa.table(cells, names=["demand_id", "site_id", "minutes"])

    return _parquet(path, (table(part) for part in rows))


def write_dense(path: Path, demand_id: Strings, site_id: Strings, rows: Iterable[Rows]) -> int:
    """demand_id, then a column of minutes for each site; empty where out of reach."""
    count = 0

    def counted() -> Iterator[Rows]:
        nonlocal count
        for part in rows:
            count += len(part.ms)
            yield part

    write = _dense_parquet if path.suffix.lower() == ".parquet" else _dense_csv
    write(path, demand_id, site_id, counted())
    return count


def _table_of(part: Rows, sites: int) -> Ints:
    """Milliseconds (rows, sites), -1 where out of reach."""
    ms = np.full((part.last - part.first, sites), -1, np.int64)
    ms[part.demand - part.first, part.site] = part.ms
    return ms


def _dense_csv(path: Path, demand_id: Strings, site_id: Strings, rows: Iterable[Rows]) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    demand = csv_cells(demand_id).to_pylist()
    with path.open("xb") as file:
        file.write(",".join(["demand_id", *csv_cells(site_id).to_pylist()]).encode() + b"\n")
        for part in rows:
            ms = _table_of(part, len(site_id))
            text = pc.if_else(pa.array(ms.ravel() >= 0), minutes_text(ms.ravel()), "")
            step = np.arange(0, ms.size + 1, max(1, len(site_id)))[: len(ms) + 1]
            lines = pc.binary_join(pa.ListArray.from_arrays(pa.array(step, pa.int32()), text), ",")
            here = demand[part.first : part.last]
            told = (f"{one},{line}\n" for one, line in zip(here, lines.to_pylist(), strict=True))
            file.write("".join(told).encode())


def _dense_parquet(path: Path, demand_id: Strings, site_id: Strings, rows: Iterable[Rows]) -> None:
    import pyarrow as pa

    def table(part: Rows) -> Any:
        ms = _table_of(part, len(site_id))
        columns = [pa.array(demand_id[part.first : part.last].tolist(), pa.string())]
        columns += [pa.array(one / MS_PER_MINUTE, mask=one < 0) for one in ms.T]
        return pa.table(columns, names=["demand_id", *map(str, site_id)])

    _parquet(path, (table(part) for part in rows))


def _parquet(path: Path, tables: Iterable[Any]) -> int:
    """Tables as the row groups of one file; the first, which may be empty, gives the columns."""
    import pyarrow.parquet as pq

    count, writer = 0, None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            count += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return count


def write_rows(path: Path, header: Sequence[str], records: Iterable[Sequence[object]]) -> None:
    """A list for people as CSV: UTF-8 with BOM, CRLF."""
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(records)
