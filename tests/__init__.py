"""The tests. `./test` runs them all; `python -m pytest tests/jobs` a part."""
