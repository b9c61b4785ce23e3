"""The black-box checks of docs/hardening.md against a running site; what they measure goes into that page."""
