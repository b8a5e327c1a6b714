# Two commands do everything: `make run` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-deps --progress-bar off

.PHONY: run test check sample lock clean

run: $(VENV)/.run
	@$(BIN)/vigie serve --sample

test: $(VENV)/.dev
	@tests/prepare
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest

# The pinned versions are complete: nothing is resolved, so an installation is quick and the same.
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Vigie demande Python 3.11 ou plus récent (PYTHON=/chemin/python3.11 make run)."; exit 2; }
	@echo "Installation de l’environnement ($(VENV)), une à trois minutes…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.lock
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@$(PIP) -r requirements-dev.lock
	@touch $@

# Rebuilds the sample corpus from its authoring sources.
sample: $(VENV)/.dev
	@for part in articles reports office programmes; do \
		$(BIN)/python evals/data/authoring/build_$$part.py || exit 1; done

# Writes both lock files from pyproject.toml in a fresh environment.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet torch==2.13.0 .
	build/lock/bin/python -m pip list --format freeze --exclude vigie --exclude pip \
		| sed 's/+cpu$$//' > requirements.lock
	build/lock/bin/python -m pip install --quiet ".[dev]"
	build/lock/bin/python -m pip list --format freeze --exclude vigie --exclude pip \
		| sed 's/+cpu$$//' | grep -vxFf requirements.lock > requirements-dev.lock

clean:
	rm -rf $(VENV) var build dist artefacts
