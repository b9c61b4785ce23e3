"""Where things lie: the checkout, and what the tests keep."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
CASES = DATA / "cases"  # files that once went wrong
