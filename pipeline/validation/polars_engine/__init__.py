"""Great Expectations on Polars frames: stock expectations, metrics as Polars expressions.

`conditions` is plain Polars, so what decides about a row can be had without the seconds that
importing Great Expectations costs; every other module here imports it at once. Nothing in this
folder knows the rest of the project.
"""
