"""Fields that describe themselves: one declaration gives JSON, form, table and docs.

A dataclass whose fields are made with `described` has a `SchemaDefinition`; the file
list, the metadata sections and the parameters of every analysis are such dataclasses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from enum import Enum
from functools import cache
from typing import Any, TypeVar

_Described = TypeVar("_Described")


class ValueType(Enum):
    """What a field holds; the text is what a schema stores."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    PATH = "path"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of a form, a table or a set of parameters.

    Attributes:
        minimum, maximum: Inclusive range of a number.
        multiple_of: A whole number must be a multiple of this.
        suggestions: Values worth offering; others are allowed.
        applies_when: Name of another field and the values for which this one matters.
    """

    name: str
    display_name: str
    value_type: ValueType = ValueType.STR
    description: str = ""
    unit: str | None = None
    required: bool = False
    default_value: Any = None
    choices: tuple[str, ...] | None = None
    visible: bool = True
    editable: bool = False
    group: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    suggestions: tuple[Any, ...] = ()
    applies_when: tuple[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        if not self.name or not self.display_name:
            raise ValueError("a field needs a name and a display name")
        if self.value_type is ValueType.ENUM and not self.choices:
            raise ValueError(f"enum field {self.name!r} needs choices")
        if self.default_value is not None:
            check_type(self, self.default_value)

    @property
    def default(self) -> Any:
        """The value of a field that was never set."""
        return self.default_value

    @property
    def methods(self) -> tuple[str, ...] | None:
        """Choices of the other field for which this one matters; None for always."""
        return self.applies_when[1] if self.applies_when else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self) | {"value_type": self.value_type.value}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> FieldSchema:
        """Read `to_dict`; unknown keys are ignored, `default` is an old name."""
        known = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        if "default" in stored:
            known.setdefault("default_value", stored["default"])
        known["value_type"] = ValueType(known.get("value_type", "str"))
        for name in ("choices", "suggestions"):
            if known.get(name) is not None:
                known[name] = tuple(known[name])
        if known.get("applies_when") is not None:
            other, values = known["applies_when"]
            known["applies_when"] = (other, tuple(values))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class SchemaDefinition:
    """An ordered set of fields with unique names."""

    schema_id: str
    version: int
    fields: tuple[FieldSchema, ...]

    def __post_init__(self) -> None:
        names = self.field_names()
        if len(set(names)) != len(names):
            raise ValueError(f"schema {self.schema_id!r} has two fields of one name")
        if self.version < 1:
            raise ValueError("a schema version starts at 1")

    def field_names(self) -> tuple[str, ...]:
        """Names in display order."""
        return tuple(f.name for f in self.fields)

    def visible_fields(self) -> tuple[FieldSchema, ...]:
        """The fields that a form or table shows by itself."""
        return tuple(f for f in self.fields if f.visible)

    def field(self, name: str) -> FieldSchema:
        """The field of that name; KeyError when there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.schema_id} has no field {name!r}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        listed = [f.to_dict() for f in self.fields]
        return {"schema_id": self.schema_id, "version": self.version, "fields": listed}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SchemaDefinition:
        """Read `to_dict`."""
        listed = tuple(FieldSchema.from_dict(f) for f in stored["fields"])
        return cls(stored["schema_id"], stored["version"], listed)


def described(
    default: Any,
    *,
    title: str = "",
    unit: str | None = None,
    help: str = "",
    choices: tuple[str, ...] | None = None,
    optional: type | None = None,
    **schema: Any,
) -> Any:
    """A dataclass field that knows its form: type and name come from the dataclass.

    `optional` names the type of a field whose default is None. Remaining keywords
    are attributes of `FieldSchema`.
    """
    kind = ValueType.ENUM if choices else ValueType((optional or type(default)).__name__)
    told = {"value_type": kind, "unit": unit, "description": help, "choices": choices}
    return field(default=default, metadata={"title": title} | told | schema)


def _field_schema(declared: Field[Any]) -> FieldSchema:
    told = dict(declared.metadata)
    title = told.pop("title") or declared.name.replace("_", " ").capitalize()
    default = None if declared.default is MISSING else declared.default
    known: dict[str, Any] = {"default_value": default, "editable": True} | told
    return FieldSchema(declared.name, title, **known)


@cache
def schema_of(cls: Any, schema_id: str = "", version: int = 1) -> SchemaDefinition:
    """The schema of a dataclass made of `described` fields, in field order."""
    declared = tuple(_field_schema(f) for f in fields(cls) if f.metadata)
    return SchemaDefinition(schema_id or cls.__name__, version, declared)


_TYPES: dict[ValueType, tuple[type, ...]] = {
    ValueType.STR: (str,),
    ValueType.PATH: (str,),
    ValueType.ENUM: (str,),
    ValueType.INT: (int,),
    ValueType.FLOAT: (int, float),
    ValueType.BOOL: (bool,),
}


def check_type(schema: FieldSchema, value: Any) -> None:
    """TypeError for a value of the wrong type, ValueError for one that is no choice."""
    right = isinstance(value, _TYPES[schema.value_type])
    if isinstance(value, bool) and schema.value_type is not ValueType.BOOL:
        right = False
    if not right:
        raise TypeError(f"{schema.name} must be {schema.value_type.value}, not {value!r}")
    if schema.value_type is ValueType.ENUM and value not in (schema.choices or ()):
        raise ValueError(f"{schema.name} must be one of {', '.join(schema.choices or ())}")


def range_fault(schema: FieldSchema, value: Any) -> str:
    """One sentence that says what is wrong with a number, or an empty text."""
    if isinstance(value, str | bool) or value is None:
        return ""
    if not is_finite(value):
        return "Enter a number"
    low, high = schema.minimum, schema.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return _range_text(low, high)
    if schema.multiple_of and value % schema.multiple_of:
        return f"Enter a multiple of {schema.multiple_of}"
    return ""


def is_finite(value: float) -> bool:
    """Whether it is a number that a float can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _range_text(low: float | None, high: float | None) -> str:
    if high is None:
        return f"Enter a number of at least {low:g}"
    if low is None:
        return f"Enter a number of at most {high:g}"
    return f"Enter a number from {low:g} to {high:g}"


def parse(cls: Callable[..., _Described], values: Mapping[str, Any]) -> _Described:
    """Build a described dataclass; KeyError, TypeError or ValueError for bad values.

    Missing names take their defaults.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"expected names and values, not {values!r}")
    schema = schema_of(cls)
    checked: dict[str, Any] = {}
    for name, value in values.items():
        one = schema.field(name)
        check_type(one, value)
        fault = range_fault(one, value)
        if fault:
            raise ValueError(f"{one.display_name}: {fault}.")
        checked[name] = float(value) if one.value_type is ValueType.FLOAT else value
    return cls(**checked)


def validate_values_for_schema(
    schema: SchemaDefinition,
    values: Mapping[str, Any],
    *,
    require_visible_fields: bool = True,
    allow_extra_values: bool = False,
) -> None:
    """KeyError when a required value is missing, ValueError for one too many."""
    needed = schema.visible_fields() if require_visible_fields else schema.fields
    missing = [f.name for f in needed if f.name not in values]
    if missing:
        raise KeyError(f"missing values: {', '.join(missing)}")
    extra = set(values) - set(schema.field_names())
    if extra and not allow_extra_values:
        raise ValueError(f"unknown values: {', '.join(sorted(extra))}")


def validate_patch_for_schema(schema: SchemaDefinition, patch: Mapping[str, Any]) -> None:
    """KeyError for an unknown field, ValueError for one that cannot be edited."""
    for name in patch:
        if not schema.field(name).editable:
            raise ValueError(f"{name} cannot be edited")


def card_groups(schema: SchemaDefinition) -> tuple[str, ...]:
    """Groups of the visible fields, in first-seen order."""
    return tuple(dict.fromkeys(f.group for f in schema.visible_fields() if f.group))


def coerced(schemas: Iterable[FieldSchema], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a patch in the types of their fields: all of them, or an error.

    Blank text means "not set": None for numbers. Text is stripped. A whole number
    may be given as text or as a float without a fraction.
    """
    by_name = {one.name: one for one in schemas}
    return {name: _COERCE[by_name[name].value_type](value, name) for name, value in patch.items()}


def _as_text(value: Any, name: str) -> str:
    return "" if value is None else str(value).strip()


def _as_float(value: Any, name: str) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return number


def _as_int(value: Any, name: str) -> int | None:
    number = _as_float(value, name)
    if number is not None and number != int(number):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return None if number is None else int(number)


def _as_bool(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value


_COERCE: dict[ValueType, Callable[[Any, str], Any]] = {
    ValueType.STR: _as_text,
    ValueType.PATH: _as_text,
    ValueType.ENUM: _as_text,
    ValueType.INT: _as_int,
    ValueType.FLOAT: _as_float,
    ValueType.BOOL: _as_bool,
}
