"""Look every figure of data/programme/programme.csv up in the lines that it names.

    python scripts/check_programme.py --documents DIR

DIR holds the text versions of the documents, found by the sha256 in documents.csv. A figure is
found when its digits stand at each place named ("422-423,434" names two), in one line or in the
lines joined; 4萬 reads as 40000 and 15萬4,266 as 154266. Only spelling is judged, not meaning.

Exit codes: 0 all found, 4 a figure is not in its lines, 5 a document is missing or another one.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from builders.common import DATA, read_text_table, sha256_of

SHARES = {"7成": 70.0, "約9成": 90.0, "1/2以": 50.0}
"""Shares in other words than their digits, in percent."""


def numbers(text: str) -> set[float]:
    """Every number in the text, those with 萬 spelt out."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    found = {float(each) for each in re.findall(r"\d+(?:\.\d+)?", plain)}
    plain = re.sub(r"[\s,]", "", plain)
    for whole, rest in re.findall(r"(\d+(?:\.\d+)?)萬(\d*)", plain):
        found.add(round(float(whole) * 10_000) + float(rest or 0))
    for whole, rest in re.findall(r"(\d+)萬(\d)千", plain):
        found.add(float(whole) * 10_000 + float(rest) * 1_000)
    found |= {share for words, share in SHARES.items() if words in plain}
    return found


def places(spec: str, text: list[str]) -> list[list[str]]:
    """The lines of each place: "422-423,434" names two, of two lines and of one."""
    ends = [part.partition("-") for part in spec.split(",")]
    return [text[int(first) - 1 : int(last or first)] for first, _, last in ends]


def stands(value: str, lines: list[str]) -> bool:
    """Is the figure spelt in one of the lines, or in all of them joined? A dash reads as 0."""
    wanted = abs(float(value))
    if any(wanted in numbers(text) for text in (*lines, "".join(lines))):
        return True
    return wanted == 0 and any("-" in text for text in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Look figures up in the lines they name.")
    parser.add_argument("--documents", type=Path, required=True, help="folder with the documents")
    folder = parser.parse_args().documents
    by_sum = {sha256_of(path): path for path in sorted(folder.glob("*.txt"))}
    documents = read_text_table(DATA / "programme/documents.csv")
    texts: dict[str, list[str]] = {}
    for row in documents.to_dict("records"):
        if row["text_sha256"] not in by_sum:
            print(f"missing: document {row['document']} ({row['text_sha256']})", file=sys.stderr)
            return 5
        text = by_sum[row["text_sha256"]].read_text("utf-8")
        texts[row["document"]] = text.split("\n")
    figures = read_text_table(DATA / "programme/programme.csv")
    lost = 0
    for row in figures.to_dict("records"):
        for lines in places(row["lines"], texts[row["document"]]):
            if stands(row["value"], lines):
                continue
            lost += 1
            print(f"{row['figure_id']} {row['item']} {row['year_roc']}: {row['value']} not in")
            print(f"    {row['document']}:{row['lines']} {' / '.join(lines)[:300]}")
    print(f"{len(figures)} figures, {lost} not in their lines")
    return 4 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
