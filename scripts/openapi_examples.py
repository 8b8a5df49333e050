"""Holds every example of an OpenAPI 3.1 document to the schema that it is an example of, and wants one of each.

    openapi_examples.py DOCUMENT
"""
import json, sys

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

# A schema taken out of the document has no root of its own, so that what it refers to is named as a whole.
with open(sys.argv[1]) as file:
    document = json.loads(file.read().replace('"#/components/', '"urn:document#/components/'))
registry = Registry().with_resource("urn:document", Resource.from_contents(document, default_specification=DRAFT202012))
complaints, checked = [], 0


def check(place, schema, value):
    global checked
    checked += 1
    validator = jsonschema.Draft202012Validator(
        schema, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    complaints.extend(f"{place}: {error.json_path} {error.message}" for error in validator.iter_errors(value))


def check_content(place, content):
    for media_type, described in content.items():
        examples = described.get("examples", {})
        if not examples:
            complaints.append(f"{place} {media_type} has no example")
        for name, example in examples.items():
            check(f"{place} {media_type} {name}", described["schema"], example["value"])


def check_schemas(place, schema):
    """The examples of a schema and of those in it."""
    if isinstance(schema, list):
        for index, element in enumerate(schema):
            check_schemas(f"{place}/{index}", element)
    elif isinstance(schema, dict):
        for example in schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ():
            check(place, schema, example)
        for name, part in schema.items():
            if name not in ("examples", "enum", "const", "default"):
                check_schemas(f"{place}/{name}", part)


for path, operations in document["paths"].items():
    for method, operation in operations.items():
        place = f"{method.upper()} {path}"
        for parameter in operation.get("parameters", ()):
            if "example" in parameter:
                check(f"{place} {parameter['name']}", parameter["schema"], parameter["example"])
        if body := operation.get("requestBody"):
            check_content(place, body["content"])
        for status, response in operation["responses"].items():
            check_content(f"{place} {status}", response.get("content", {}))
for name, header in document["components"]["headers"].items():
    check(name, header["schema"], header["example"])
check_schemas("components", document["components"]["schemas"])
print(f"{checked} examples checked")
if complaints:
    sys.exit("\n".join(complaints))
