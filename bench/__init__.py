"""Benchmarks and fits. Each module is a command, `python -m bench.NAME`; figures go to LOG.md with date and command."""
