"""What a lab wants the experiment metadata to say: required fields, allowed values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acqcore.model.metadata import ExperimentMetadata, experiment_schema


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field must hold.

    Attributes:
        allowed: The only values that are right; empty for any. A blank field breaks no
            rule unless it is required.
    """

    required: bool = False
    allowed: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class MetadataFault:
    """One field that breaks its rule; the message is one sentence."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class MetadataRules:
    """Rules by field name."""

    rules: Mapping[str, FieldRule]

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> MetadataRules:
        """Read `{"species": {"required": true, "allowed": ["mouse", "rat"]}}`.

        ValueError for a field or a rule that does not exist.
        """
        known, rules = experiment_schema().field_names(), dict[str, FieldRule]()
        for name, rule in given.items():
            if name not in known:
                raise ValueError(f"the experiment has no field {name!r}")
            if not isinstance(rule, Mapping) or not set(rule) <= {"required", "allowed"}:
                raise ValueError(f"{name}: a rule has the keys required and allowed")
            required, allowed = rule.get("required", False), rule.get("allowed", ())
            if not isinstance(required, bool) or not isinstance(allowed, list | tuple):
                raise ValueError(f"{name}: required is true or false, allowed is a list")
            rules[name] = FieldRule(required, tuple(allowed))
        return cls(rules)

    @classmethod
    def from_json(cls, text: str) -> MetadataRules:
        """Read `from_mapping` from JSON text; ValueError for anything else."""
        given = json.loads(text)
        if not isinstance(given, Mapping):
            raise ValueError("the rules are not a block of values")
        return cls.from_mapping(given)

    def check(self, experiment: ExperimentMetadata) -> list[MetadataFault]:
        """Fields that break a rule, in the order of the form."""
        values, faults = experiment.values(), list[MetadataFault]()
        for field in experiment_schema().fields:
            rule, value = self.rules.get(field.name, FieldRule()), values[field.name]
            blank = value is None or value == ""
            if blank and rule.required:
                faults.append(MetadataFault(field.name, f"{field.display_name} is missing."))
            elif not blank and rule.allowed and value not in rule.allowed:
                choices = ", ".join(map(str, rule.allowed))
                why = f"{field.display_name} is {value!r}, not one of {choices}."
                faults.append(MetadataFault(field.name, why))
        return faults
