"""The tests. `./test` runs them all; `python -m pytest tests/webapp/jobs` a part."""
