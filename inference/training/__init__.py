"""Trainings, and the versions they end in. May import all but the command line."""

from inference.training.loop import train

__all__ = ["train"]
