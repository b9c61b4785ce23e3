"""The commands of `python -m inference`. May import everything here; nothing imports it."""
