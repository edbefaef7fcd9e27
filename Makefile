# `make run` chats in this terminal, `make test` checks everything. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# -qq: errors are shown, and no warnings about how pip is set up on this machine.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
EDITABLE := $(PIP) install --no-deps --no-build-isolation --editable .
# Tests start Python hundreds of times: what was compiled is kept, also where the surroundings say not to.
export PYTHONDONTWRITEBYTECODE :=
# Many tests wait for processes that they started: with two for each core, there is always one that works.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(16, 2 * (os.cpu_count() or 1)))')
# `make flaky`: so often, in so many processes; several for each core, so that every test is interrupted.
TIMES ?= 50
CROWD ?= 8

.PHONY: help run web test browser test-long test-chaos flaky test-fax test-containers lint bench bench-peers lock messages docs clean
help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

run: $(VENV)/run.stamp  ## open the chat in this terminal
	@$(BIN)/assistant chat

web: $(VENV)/run.stamp  ## open the web page on this machine: http://127.0.0.1:8080/chat
	@echo "Open http://127.0.0.1:8080/chat in your browser. Ctrl-C ends it."
	@ASSISTANT_WEB_URL=http://127.0.0.1:8080 $(BIN)/assistant run

# The types take a minute of one core: they are checked while the tests run on what is left.
test: $(VENV)/dev.stamp  ## lint, types, import contracts and every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy >$(VENV)/types.txt 2>&1 & types=$$!; \
	  $(BIN)/python -m pytest -n $(WORKERS); tests=$$?; \
	  wait $$types; types=$$?; cat $(VENV)/types.txt; \
	  test $$tests -eq 0 -a $$types -eq 0

browser: $(VENV)/dev.stamp  ## install Debian's Chromium where it is missing (root), and test the web pages with it
	@command -v chromium >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >$(VENV)/chromium.txt; } || \
	  { echo "Chromium could not be installed: install it by hand, then try again." >&2; exit 1; }
	@ASSISTANT_TEST_BROWSER=1 $(BIN)/python -m pytest tests/browser -n 2 -rs
	@echo "Pictures of every page are in var/screens."

test-long: $(VENV)/dev.stamp  ## every test with many examples, many kills and long storms, fuzzing (20 minutes)
	@$(PIP) install --only-binary :all: --require-hashes -r requirements/fuzz.txt 2>$(VENV)/fuzz.txt || \
	  echo "atheris is not to be had for this system: nothing is fuzzed by coverage ($(VENV)/fuzz.txt)" >&2
	@ASSISTANT_TEST_LONG=1 $(BIN)/python -m pytest -n $(WORKERS) --timeout=900

test-chaos: $(VENV)/dev.stamp  ## kill, freeze and cut off processes, crash their database, fill their disk (30 minutes)
	@ASSISTANT_TEST_LONG=1 $(BIN)/python -m pytest -n $(WORKERS) --timeout=1800 -s tests/services/test_chaos.py \
	  tests/process/test_chaos_processes.py tests/process/test_chaos_postgres.py tests/process/test_full_disk.py \
	  tests/process/test_wrong_clock.py tests/process/test_two_processes.py tests/process/test_many_processes.py \
	  $(wildcard tests/process/test_kill*.py)

flaky: $(VENV)/dev.stamp  ## what draws lots or depends on timing, TIMES times under load (TIMES=50)
	@red=0; for each in $$(seq $(TIMES)); do \
	  $(BIN)/python -m pytest -m chance -n $(CROWD) --timeout=600 || red=$$((red + 1)); \
	done; echo "$$red of $(TIMES) runs were red"; test $$red -eq 0

test-fax: $(VENV)/dev.stamp  ## send real faxes over a line on this machine (tests/rig/README.md; root, 6 minutes)
	@tests/rig/netns.sh env ASSISTANT_TEST_FAX=1 $(BIN)/python -m pytest tests/rig -q -s

test-containers: $(VENV)/dev.stamp  ## follow docs/containers.md on this machine's container engine (10 to 20 minutes)
	@ASSISTANT_TEST_CONTAINERS=1 $(BIN)/python -m pytest tests/containers -x -rs --timeout=1500

lint: $(VENV)/dev.stamp  ## lint, types and import contracts only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev.stamp  ## measure; the figures are explained in docs/performance.md
	@for each in benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

bench-peers: $(VENV)/dev.stamp  ## measure beside others' programs: one table of ratios (5 to 10 minutes)
	@$(BIN)/python -m benchmarks.peers

lock:  ## pin the newest versions that pyproject.toml allows
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip --disable-pip-version-check -qq install pip-tools
	@for each in run dev; do \
	  extra="--extra=build --extra=scale"; [ $$each = run ] || extra="--extra=build --extra=scale --extra=dev"; \
	  $(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    $$extra --output-file requirements/$$each.txt pyproject.toml || exit 1; done
	@echo "atheris>=3" | $(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements/fuzz.txt -

messages: $(VENV)/dev.stamp  ## bring the catalogues in locales/ up to date with the sentences
	@$(BIN)/pybabel --quiet extract --keywords='_ Sentence:1,3' --no-default-keywords --no-location --sort-output \
	  --project=assistant --version=1 --omit-header --width=100 -o locales/assistant.pot \
	  conversations assistant/content/letters.py
	@$(BIN)/pybabel --quiet update --ignore-obsolete --width=100 -D assistant -i locales/assistant.pot -d locales
	@for each in locales/*/LC_MESSAGES/assistant.po; do \
	  sed -i.bak -E '/^"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):/d' \
	    $$each && rm $$each.bak; done

docs: $(VENV)/dev.stamp  ## write the pages and pictures of docs/ that are made from code and chats
	@for each in docs/generators/*_page.py docs/generators/*_picture.py; do $(BIN)/python $$each || exit 1; done

clean:  ## remove the virtual environment and caches; what is in var/ stays
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Name one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the assistant needs into $(VENV) (once) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(EDITABLE)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(EDITABLE)
	@touch $@ $(VENV)/run.stamp
