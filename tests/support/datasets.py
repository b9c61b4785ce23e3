"""Datasets that the tests of one process share: drawn signs take eight seconds whenever they are made anew."""

from functools import cache

from inference.data.base import load_data

data_of = cache(load_data)
