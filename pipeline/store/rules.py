"""The rules as the manifest lists them."""

from pipeline.store.batches import digest
from pipeline.store.manifest import RuleFacts
from pipeline.text.catalogue import list_rules


def rule_facts() -> list[RuleFacts]:
    """Every rule that may change a text, with a digest of what it does."""
    return [RuleFacts(name=rule.name, digest=digest(rule.definition)) for rule in list_rules()]
