"""Rules of a lab about its experiment metadata."""

from __future__ import annotations

import pytest

from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.metadata_rules import MetadataRules

RULES = MetadataRules.from_json(
    '{"species": {"required": true, "allowed": ["mouse", "rat"]},'
    ' "branch_order": {"allowed": [0, 1, 2]}, "note": {}}'
)


def test_faults_stand_in_the_order_of_the_form() -> None:
    faults = RULES.check(ExperimentMetadata(species="hamster", branch_order=7))
    assert [fault.field for fault in faults] == ["species", "branch_order"]
    assert faults[0].message == "Species is 'hamster', not one of mouse, rat."


def test_blank_is_a_fault_only_where_required() -> None:
    faults = RULES.check(ExperimentMetadata())
    assert [fault.message for fault in faults] == ["Species is missing."]
    assert RULES.check(ExperimentMetadata(species="rat", branch_order=0)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{", '{"weather": {}}', '{"species": []}', '{"species": {"must": true}}',
        '{"species": {"required": 1}}', '{"species": {"allowed": "mouse"}}',
    ],
)  # fmt: skip
def test_rules_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        MetadataRules.from_json(text)
