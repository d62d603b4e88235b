"""Dataset card."""

from pipeline.store.manifest import Manifest


def dataset_card(manifest: Manifest) -> str:
    """The card."""
    return f"# {manifest.snapshot}\n"
