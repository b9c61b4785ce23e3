"""Tests of the jobs: steps of their life, crashes, a broker that is away, real workers killed at work."""
