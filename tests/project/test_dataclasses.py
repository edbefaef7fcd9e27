"""Values of many fields are made by naming them: nobody can swap two of the same type."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import assistant
import conversations

MANY = 4  # fields that can be told apart without their names
FIRST = 3  # of many fields, those that may still go without: a message has an address, an id and a content


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__") and ".migrations." not in found.name:
            yield importlib.import_module(found.name)


def _dataclasses() -> Iterator[type]:
    for package in (assistant, conversations):
        for module in _modules(package):
            for _name, kind in inspect.getmembers(module, inspect.isclass):
                if kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind):
                    yield kind


def test_whoever_makes_a_value_of_many_fields_names_them() -> None:
    large = [kind for kind in _dataclasses() if len([f for f in dataclasses.fields(kind) if f.init]) > MANY]
    assert len(large) > 30
    unnamed = {
        kind.__name__: [f.name for f in dataclasses.fields(kind) if f.init and not f.kw_only]
        for kind in large
    }
    assert {name: fields for name, fields in unnamed.items() if len(fields) > FIRST} == {}
    assert {name for name, fields in unnamed.items() if fields} == {"Incoming", "Option", "Reading", "Reply"}
