# Coderbench. `make demo` shows everything, `make test` proves it; the rest is for working on it.
PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
LS_BIN := .venv-label-studio/bin
PIP := pip install --quiet --disable-pip-version-check

# PyTorch's wheels: TORCH=cpu without a GPU, TORCH=cu126 for that CUDA release; without it, pip's own choice.
TORCH ?=
TORCH_INDEX ?= https://download.pytorch.org/whl
TORCH_WHEELS := $(if $(TORCH),--extra-index-url $(TORCH_INDEX)/$(TORCH))

# Tests in several processes at once; those of Label Studio stay in one of them.
WORKERS ?= 2
SPREAD := -n $(WORKERS) --dist loadgroup

.PHONY: demo demo-reset setup setup-dev setup-system hooks test test-fast chaos test-containers lint bench bench-coding style coverage thorough table2 help

help:            ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 18
	@printf '\nSettings, after the target (make test ARGS="-k walls"):\n'
	@sed -n 's/^#: /  /p' $(MAKEFILE_LIST)

#: ARGS=         more words for pytest: a folder, a file, -x, -k NAME (test, test-fast, chaos, test-containers);
#:               --rows page,stock or --repetitions 1 (bench-coding); --only coders or --share .05 (coverage)
#: REQUIRE_ALL=1 a service that is missing fails the tests that need it, which otherwise are skipped (test)
#: WORKERS=0     as many processes at once, 2 unless given; tests of Label Studio stay in one (test)
#: ONCE=1        stop when Table 1 is printed (demo)
#: KEEP=1        keep the images that were built (test-containers)
#: TORCH=cpu     PyTorch's wheels without CUDA; TORCH=cu126 for that release of CUDA (every target that sets up)
#: FOLDER=       where the checkpoints and the table go; var/table2 unless given (table2)
#: MINUTES=      how long each row may train (table2)

demo: setup      ## the whole study on synthetic notes; ONCE=1 stops when Table 1 is printed
	@$(BIN)/python manage.py demo $(if $(ONCE),--once)

demo-reset:      ## forget the demo; the next one starts over
	@scripts/demo-reset

setup: .venv/.ready .venv-label-studio/.ready   ## both environments; TORCH=cpu where there is no GPU

setup-dev: setup .venv/.ready-dev               ## what tests and lint need on top

.venv/.ready: requirements.txt requirements-web.txt
	@echo "installing the site's environment (.venv) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/$(PIP) $(TORCH_WHEELS) -r requirements.txt
	@touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	@echo "installing what the tests need ..." >&2
	@$(BIN)/$(PIP) -r requirements-dev.txt
	@touch $@

.venv-label-studio/.ready: requirements-label-studio.txt
	@echo "installing Label Studio in its own environment (.venv-label-studio) ..." >&2
	@test -x $(LS_BIN)/python || $(PYTHON) -m venv .venv-label-studio
	@$(LS_BIN)/$(PIP) -r requirements-label-studio.txt
	@touch $@

setup-system:    ## Chromium and PostgreSQL from Debian's packages, where we may install them
	@scripts/setup-system

test: setup-dev setup-system   ## everything; REQUIRE_ALL=1 makes a skipped service a failure
	@REQUIRE_ALL=$(REQUIRE_ALL) OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SPREAD) $(ARGS)

test-fast: setup-dev           ## the tests that need no service and are quick, in less than a minute
	@HYPOTHESIS_PROFILE=fast OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m fast -n 2 $(ARGS)

hooks: setup-dev               ## from now on `git commit` runs ruff, mypy and djlint first
	@$(BIN)/pre-commit install

chaos: setup-dev setup-system  ## what is too slow for `make test`: killed processes, lost connections, large data, again and again
	@REQUIRE_ALL=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m chaos $(ARGS)

test-containers: setup-dev setup-system  ## the served form in real containers, from build to Table 1; KEEP=1 keeps the images
	@KEEP=$(KEEP) $(BIN)/python -m pytest -m containers -s $(ARGS) tests/containers

lint: setup-dev  ## ruff, mypy, and djlint for the templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --check --lint templates

bench: setup-dev setup-system ## the speed of ruler and models against what one would take instead; every page of a study of 20,000 notes
	$(BIN)/python -m tests.bench

bench-coding: setup-dev setup-system ## how long a coder waits in each interface and in a stock Label Studio; fails where our page is too slow
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.coding $(ARGS)

style: setup-dev ## how dense the code is: long lines, comprehensions, conditional expressions, lines of templates
	@$(BIN)/python scripts/style.py

coverage: setup-dev ## how often intervals and tests are right, in worlds whose truth is known; 1,500 worlds a setting, in some minutes
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.coverage $(ARGS)

thorough: setup-dev ## the ruler against scikit-learn, torchmetrics, nltk and scipy on thousands of generated cases, in some minutes
	HYPOTHESIS_PROFILE=thorough OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/benchmark/metrics

table2: setup    ## every row of Table 2 trained on synthetic notes, an hour on two cores; FOLDER=..., MINUTES= a row
	@scripts/table2 $(or $(FOLDER),var/table2) $(MINUTES)
