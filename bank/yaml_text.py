"""YAML as plain values, read by libyaml where PyYAML was built with it: ten times as fast.

Nothing but plain values comes of it; a tag that names code is an error.
"""

from __future__ import annotations

from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """Return the one document of a text; None where it is empty. Raises yaml.YAMLError.

    >>> read_yaml("rates: [1.5, 2]")
    {'rates': [1.5, 2]}
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506  both loaders are safe ones
