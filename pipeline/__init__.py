"""Winnow: turns piles of scraped text into a corpus people can trust.

Read `pipeline/curate.py` first: the whole pipeline is that one module.
"""
