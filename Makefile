# Who accuses, who denies, who announces. `make help` lists the targets.

PYTHON ?= python3

SHELL      := /bin/bash
VENV       := .venv
STANCE     := $(VENV)/bin/stance
PIP        := $(VENV)/bin/python -m pip --disable-pip-version-check
# A lock names every package: the resolver, which may prefer a newer release, is not asked.
INSTALL    := $(PIP) install --quiet --no-deps --require-hashes --requirement
CODE       := $(shell find pipeline -name "*.py")
NEWS       := $(wildcard data/news/weights.parquet)
DEMO       := $(addprefix data/demo/,downstream.txt upstream.txt commission.txt)
STAMP      := models/.trained-on
LOG        := $(VENV)/audit/log
STAGE      := $(VENV)/wheel

# DATA says what `train` learns from, but what the others measure on: that must not retrain.
TRAIN_DATA := $(or $(if $(filter demo serve evaluate benchmark scale soak test,$(MAKECMDGOALS)),$(shell cat $(STAMP) 2>/dev/null),$(DATA)),data/statements)
TRAIN_FILES = $(shell find $(TRAIN_DATA) -type f 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help train demo serve evaluate benchmark wheel scale test soak lint check-dependencies lock clean force

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

train: models/stance.joblib ## Train the model (DATA="files and folders" to use your own; PRIOR=none RATES=news)

demo: models/stance.joblib ## Read three articles on one story: a table, and a page
	@$(STANCE) read --one-story $(DEMO)
	@$(STANCE) read --one-story $(DEMO) --html models/demo.html --force

serve: models/stance.joblib $(VENV)/.serve ## Serve a page to paste articles into, on this machine (PORT=8000)
	@$(STANCE) serve $(addprefix --port ,$(PORT))

evaluate: models/stance.joblib ## Measure the model on held-out statements, write a report (DATA=FILE: on yours)
	@$(STANCE) evaluate $(foreach path,$(or $(DATA),$(TRAIN_DATA)),--data $(path))

benchmark: models/stance.joblib $(VENV)/.benchmark ## Time the model beside other ways (GOLD=FILE: F1 on yours, MEGABYTES=20: on less text)
	@$(VENV)/bin/python -m tests.benchmarks.speed $(foreach path,$(TRAIN_DATA),--data $(path)) \
	    $(foreach path,$(GOLD),--gold $(path)) $(addprefix --megabytes ,$(MEGABYTES))

scale: models/stance.joblib $(VENV)/.dev ## Time archives and clusters of several sizes (ROWS=10000000)
	@$(VENV)/bin/python -m tests.benchmarks.scale $(addprefix --most-rows ,$(ROWS))

test: models/stance.joblib $(VENV)/.dev ## Run the whole test suite (COVERAGE=1: and say what it does not reach)
	@STANCE_TRAINED=$(CURDIR)/models $(VENV)/bin/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile \
	    $(if $(COVERAGE),--cov --cov-report=term:skip-covered)

soak: models/stance.joblib $(VENV)/.dev ## Kill, swap, fill disks, feed and fuzz for long (MINUTES=10 each; SEED=7)
	@$(VENV)/bin/python -m tests.soak $(addprefix --minutes ,$(MINUTES)) $(addprefix --seed ,$(SEED))
wheel: models/stance.joblib ## Build a wheel with the model in it, in dist/: pip install it anywhere
	@rm -rf $(STAGE) && mkdir -p $(STAGE)
	@cp -r pipeline pyproject.toml README.md LICENSE $(STAGE)
	@$(STANCE) export $(STAGE)/pipeline/carried_model --model models >/dev/null
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist ./$(STAGE)
	@rm -rf $(STAGE)
	@ls dist/*.whl

lint: $(VENV)/.dev ## Check format, style, types, direction of imports and the shipped statements
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(STANCE) audit data/statements

check-dependencies: $(VENV)/.audit ## Look up known weaknesses of the pinned versions (needs the network)
	@$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes -r .requirements/run.txt 2>$(LOG) && cat $(LOG) || \
	    if grep -q '^Found ' $(LOG); then \
	        echo "A pinned version has a known weakness: see above" >&2; exit 1; \
	    else \
	        echo "Cannot look up known weaknesses, which needs the network: see $(LOG)" >&2; exit 1; \
	    fi

lock: ## Pin the newest versions that pyproject.toml admits (needs uv)
	@uv pip compile pyproject.toml .requirements/build.in --extra train $(LOCK) -o .requirements/run.txt
	@uv pip compile pyproject.toml .requirements/build.in --extra dev -c .requirements/run.txt \
	    $(LOCK) -o .requirements/dev.txt
	@uv pip compile pyproject.toml .requirements/build.in --extra train --extra serve -c .requirements/run.txt \
	    $(LOCK) -o .requirements/serve.txt
	@uv pip compile pyproject.toml .requirements/build.in --extra benchmark -c .requirements/run.txt \
	    $(LOCK) -o .requirements/benchmark.txt

clean: ## Delete the environment, the model and caches
	@rm -rf $(VENV) build dist *.egg-info .coverage .*_cache .hypothesis
	@find models -mindepth 1 ! -name README.md -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate

models/stance.joblib: $(TRAIN_FILES) $(NEWS) $(CODE) $(STAMP) | $(VENV)/.run
	@$(STANCE) train $(foreach path,$(TRAIN_DATA),--data $(path)) --models models \
	    $(addprefix --prior ,$(PRIOR)) $(addprefix --rates ,$(RATES))

$(STAMP): force
	@echo '$(TRAIN_DATA)' | cmp -s - $@ || echo '$(TRAIN_DATA)' > $@

$(VENV)/.run: .requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Installing into $(VENV) (once; about a minute)"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) $<
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(PIP) check >/dev/null || { $(PIP) check; exit 1; }
	@touch $@

$(VENV)/.dev: .requirements/dev.txt $(VENV)/.run
	@$(INSTALL) $<
	@$(PIP) check >/dev/null || { $(PIP) check; exit 1; }
	@touch $@

$(VENV)/.serve: .requirements/serve.txt $(VENV)/.run
	@$(INSTALL) $<
	@$(PIP) check >/dev/null || { $(PIP) check; exit 1; }
	@touch $@

$(VENV)/.benchmark: .requirements/benchmark.txt $(VENV)/.run
	@$(INSTALL) $<
	@$(PIP) check >/dev/null || { $(PIP) check; exit 1; }
	@touch $@

$(VENV)/.audit: $(VENV)/.run
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 'pip-audit>=2.10,<3' >$(LOG) 2>&1 || \
	    { echo "Cannot install pip-audit, which needs the network: see $(LOG)" >&2; exit 1; }
	@touch $@
