# Every target is one of make.py's, which runs the same without make: `python make.py TARGET`.
PYTHON ?= python3
TARGETS := serve test site check docs figures bench demos labs lighthouse ledger mutants mutants-formulas lane clean

help:
	@$(PYTHON) make.py
$(TARGETS):
	@$(PYTHON) make.py $@ $(if $(PORT),--port $(PORT)) $(if $(LANE),--lane $(LANE)) $(if $(TORCH),--torch $(TORCH))
.PHONY: help $(TARGETS)
