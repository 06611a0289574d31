PY ?= python3
JOBS ?= 2
SEED ?= 1
BUDGET ?= 540
BIN := .venv/bin
LOWEST := .venv-lowest/bin

.PHONY: demo test test-docs test-lowest torture mutants lint format clean

demo: .venv/ready
	$(BIN)/ecglens demo

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

test-docs: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/test_docs.py tests/test_readme.py tests/test_examples.py tests/how_to src

test-lowest: .venv-lowest/ready
	OMP_NUM_THREADS=1 $(LOWEST)/python -m pytest --numprocesses $(JOBS) --dist loadfile

torture: .venv/ready
	$(BIN)/python -m torture --seed $(SEED) --budget $(BUDGET)

mutants: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m torture.choices

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/ready: pyproject.toml constraints.txt
	$(PY) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

.venv-lowest/ready: pyproject.toml constraints-lowest.txt
	$(PY) -m venv .venv-lowest
	$(LOWEST)/python -m pip install --quiet --constraint constraints-lowest.txt --editable ".[test]"
	touch $@

clean:
	rm -rf .venv .venv-lowest
