"""Kernels over one document's text: str or bytes in, str and evidence out."""
