# make demo | test | test-clients | test-docs | lint | docs | bench | clean
# PYTHON=... and VENV=... choose the interpreter and the place
.DELETE_ON_ERROR:
.PHONY: demo test test-clients test-docs lint docs bench clean

# tried in this order; the pins in constraints.txt were made with the first
PYTHON ?= python3.11 python3.13 python3.12 python3
VENV ?= .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
USABLE := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

demo: $(INSTALLED)
	@$(VENV)/bin/samplegen generate --name first-pack --force

test: lint
	@$(RUN) -m pytest -n 2 $(ARGS)

# real players and validators of what a pack holds, from Debian
test-clients: docs
	@tests/install-clients
	@$(RUN) -m pytest -m clients $(ARGS)

# every block and example of the documentation, run as a reader would
test-docs: docs
	@$(RUN) -m pytest -m docs -n 2 $(ARGS)

# the site, into site/; a broken link ends it
docs: $(INSTALLED)
	@$(RUN) docs/make
	@$(VENV)/bin/zensical build --strict --clean

lint: $(INSTALLED)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports
	@$(RUN) tests/lint_docstrings.py

bench: $(INSTALLED)
	@$(RUN) -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# an environment that works is kept and brought up to date; without compiling, which is a third of the time
$(INSTALLED): pyproject.toml constraints.txt
	@for python in $(PYTHON); do "$$python" -c '$(USABLE)' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then \
	  echo "samplegen needs Python 3.11, 3.12 or 3.13 with its venv module (tried: $(PYTHON));" \
	    "on Debian and Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; \
	fi; \
	echo "Installing into $(VENV), once; this takes a minute or two ..."; \
	"$(RUN)" -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear "$(VENV)"
	@"$(RUN)" -m pip install --quiet --disable-pip-version-check --no-compile -e '.[dev]' -c constraints.txt
	@# on its own, without what it plays live through, which has to be compiled
	@"$(RUN)" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps tinysoundfont -c constraints.txt
	@touch $@
