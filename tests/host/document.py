# SPDX-License-Identifier: GPL-3.0-or-later
"""The result document's schema, for whoever checks documents against it."""

import json
import pathlib

import jsonschema


def strict(schema):
    """The same schema, in which a member that it does not name is a mistake."""
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            schema = {**schema, "additionalProperties": False}
        return {name: strict(value) for name, value in schema.items()}
    return [strict(value) for value in schema] if isinstance(schema, list) else schema


SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] /
                     "include/imgrecog/result.schema.json").read_text(encoding="utf-8"))
DOCUMENT = jsonschema.Draft202012Validator(strict(SCHEMA))
