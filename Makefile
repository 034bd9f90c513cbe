# Two commands are enough: make plan, make test.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

.PHONY: plan test lint bench bench-travel bench-access bench-siting bench-families bench-map docs lock setup clean
.DEFAULT_GOAL := help

help:
	@echo "make plan   set up and run the default study; results in maps/tw-2030/"
	@echo "make test   set up, lint and run the tests"
	@echo "make lint   ruff and mypy      make bench  timings"
	@echo "make bench-travel   the travel engine beside its peers (some minutes)"
	@echo "make bench-access   E2SFCA beside PySAL access"
	@echo "make bench-siting   the siting models beside spopt and CBC (some minutes)"
	@echo "make bench-families   geoplan site on random graphs and city blocks (half an hour)"
	@echo "make bench-map   the council map beside stock Folium, in Chromium (some minutes)"
	@echo "make docs   rebuild the tables in docs/   make lock   renew requirements.txt"

setup:
	@test -n "$(PYTHON)" || { echo "geoplan needs Python 3.11 or newer (python3 was not found or is older)"; exit 1; }
	@$(PYTHON) scripts/setup_env.py

plan: setup
	@$(BIN)/geoplan run

test: setup
	@$(BIN)/python scripts/setup_browser.py
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python benchmarks/bench_run.py

bench-travel: setup
	@$(PYTHON) scripts/setup_bench.py
	@$(BIN)/python -m benchmarks.bench_travel

bench-access: setup
	@$(BIN)/python -m benchmarks.bench_access

bench-siting: setup
	@$(PYTHON) scripts/setup_bench.py
	@$(BIN)/python -m benchmarks.bench_siting

bench-families: setup
	@$(BIN)/python -m benchmarks.bench_siting --families

bench-map: setup
	@$(BIN)/python scripts/setup_browser.py
	@$(BIN)/python -m benchmarks.bench_map

docs: setup
	@$(BIN)/python scripts/write_docs.py

LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url pyproject.toml
lock:
	$(LOCK) --extra dev --extra osm --extra exact -o requirements.txt
	$(LOCK) --extra bench -c requirements.txt -o requirements-bench.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
