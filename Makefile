PY ?= python3
JOBS ?= 2
SEED ?= 1
BUDGET ?= 540
BIN := .venv/bin

.PHONY: demo test torture lint format clean

demo: .venv/ready
	$(BIN)/ecglens demo

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

torture: .venv/ready
	$(BIN)/python -m torture --seed $(SEED) --budget $(BUDGET)

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

clean:
	rm -rf .venv
