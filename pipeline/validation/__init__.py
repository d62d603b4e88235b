"""Great Expectations suites: compiled to Polars expressions here, run by the library itself."""
