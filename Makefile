# Everything a person or CI runs. The environment is .venv, made from the lock with plain pip.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/run.stamp
DEV := .venv/dev.stamp
# One worker more than processors: tests wait for effects as much as they work.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Many processes start: what they import is compiled once, whatever the environment says.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help certify test whole matrix faults mutants lint index serve rehearsal pictures bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

certify: $(RUN) ## certify the embedded reference deployment and write a certificate
	@$(BIN)/bbps-conformance certify $(ARGS)

test: $(DEV) ## run the suite's own tests, all but those that certify whole deployments
	@$(PYTEST) -m "not whole" $(ARGS)

whole: $(DEV) ## certify whole deployments: conformant variations, each lineage of DIGIT, a bad connection
	@$(PYTEST) -m whole $(ARGS)

matrix: $(DEV) ## prove the checks: each fault of the reference is seen, under the requirement that it breaks
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.faults.matrix $(ARGS)

faults: matrix

mutants: $(DEV) ## certify a sample of mutants of the reference's code, and say how many are noticed
	@$(BIN)/python -m tests.mutants $(ARGS)

lint: $(DEV) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

index: $(DEV) ## write the index of checks again, after a check or a contract was changed
	@$(BIN)/python -m conformance.run.indexing

serve: $(RUN) ## serve the reference deployment on port 8080
	@$(BIN)/bbps-conformance serve --port 8080 $(ARGS)

rehearsal: $(DEV) ## rehearse a first certification on each lineage of DIGIT: broken, repaired, killed, cleaned
	@$(BIN)/python -m tests.rehearsal $(ARGS)

pictures: $(DEV) ## make the pictures of README again; needs chromium and allure
	@$(BIN)/python -m tests.browser.pictures

bench: $(DEV) ## measure speed and growth, next to peers, as one table (see benchmarks/README.md)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m benchmarks

clean: ## remove the environment, caches and runs
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache reports/runs reports/latest reports/rehearsal build *.egg-info

.venv/bin/python:
	@$(PYTHON) -m venv .venv

$(RUN): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the suite into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Of cosmic-ray only the operators are used; they need nothing of what its command needs.
$(DEV): requirements-dev.lock requirements-mutants.lock $(RUN)
	@echo "Installing the tools for tests into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-mutants.lock
	@touch $@
