# `make chat` and `make test` set up all they need in .venv; the second time they start at once.

PYTHON ?= python3
PORT ?= 7860
ARGS ?=

# Built for "this" CPU by gcc 12, llama.cpp's library dies with SIGILL on a CPU with AMX (ggml-org/llama.cpp,
# pull request 26954). So on x86-64 it is built for any CPU with AVX2, which is what its speed needs.
PORTABLE := -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON
CMAKE_ARGS ?= $(if $(filter x86_64 amd64,$(shell uname -m)),$(PORTABLE) )-DLLAVA_BUILD=OFF
export CMAKE_ARGS

# The one package whose version is chosen by hand: `make constraints` pins the rest to what pip finds with it.
TORCH := 2.13.0

PIP_INSTALL := .venv/bin/python -m pip install --disable-pip-version-check
SELF_TEST := .venv/bin/python -m rag.generators.selftest
CHECKED := index rag ui bench

# $(call need,TEST,PACKAGE): where TEST fails, root installs the Debian package; anybody else is told its name.
need = { $(1); } >/dev/null 2>&1 || { \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "installing $(2)"; \
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) </dev/null >/dev/null; \
  else echo "Pincite needs the package $(2): sudo apt-get install $(2), then run make again" >&2; exit 1; fi; }

.PHONY: help chat test check constraints clean
.SILENT:
.DELETE_ON_ERROR:

help:
	echo "make chat    index seeds/ and open the chat on http://127.0.0.1:$(PORT) (PORT=…, ARGS=--no-browser)"
	echo "make test    run every test, the one in a real browser included (ARGS=-x)"
	echo "make check   format, lint, types"

chat: .venv/installed
	.venv/bin/pincite serve --port $(PORT) $(ARGS) seeds/

test: .venv/installed-dev
	$(call need,command -v chromium || command -v chromium-browser || command -v google-chrome,chromium)
	$(call need,command -v tesseract,tesseract-ocr)
	.venv/bin/python -m pytest $(ARGS)

check: .venv/installed-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy $(CHECKED)

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Pincite needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=python3.12 …" >&2; exit 1; }
	$(call need,$(PYTHON) -c 'import ensurepip; import venv',python3-venv)
	$(call need,command -v c++,g++)
	echo "setting up .venv: some minutes the first time, llama.cpp is compiled"
	.venv/bin/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(PIP_INSTALL) -c constraints.txt -e .
	$(SELF_TEST) || { \
	  echo "llama.cpp as pip had it does not run on this machine: compiling it here"; \
	  $(PIP_INSTALL) -c constraints.txt --force-reinstall --no-deps --no-cache-dir --no-binary llama-cpp-python llama-cpp-python && \
	  $(SELF_TEST); }
	touch $@

.venv/installed-dev: .venv/installed
	$(PIP_INSTALL) -c constraints.txt -e '.[dev]'
	touch $@

constraints:
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(PYTHON) -m venv "$$folder" && "$$folder/bin/pip" install '.[dev]' torch==$(TORCH) && \
	{ echo '# Every package of the tested set, exactly. Made by `make constraints` in an empty environment.'; \
	  "$$folder/bin/pip" freeze --all --exclude pip --exclude pincite | sed 's/+cpu$$//'; } > constraints.txt

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
