"""Pictures, networks and what is computed with them. Importing the package itself imports nothing heavy."""

import os

# Read by OpenMP when torch is first imported, so they are set before that. Threads that spin for long while they wait
# make a verdict take many times as long as soon as other processes want the cores; threads that sleep at once make it
# take twice as long on idle ones, and a training likewise: `python -m benchmarks.threads`.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # every OpenMP
os.environ.setdefault("GOMP_SPINCOUNT", "2000")  # some ten microseconds, where it is libgomp, as torch's on Linux
