#!/usr/bin/env python3
"""Writes src/config/*.descriptor.json from the protobuf descriptors of published Python packages.

    python -m venv descriptors
    descriptors/bin/pip install tensorflow-cpu==2.21.0 'tritonclient[grpc]==2.73.0'
    descriptors/bin/python scripts/generate-descriptors.py

The output is protobufjs's JSON form with the field names as the .proto files spell them. Only what the root messages
reach is written, in the order of declaration, so that a regenerated file differs only where the messages changed.
"""

import importlib
import importlib.util
import json
import pathlib
import sys
import types

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "src" / "config"

# `fields` narrows a message to the fields named; readers skip the others. A SavedModel's graph_def is most of its
# bytes and nothing in TypeScript reads it.
DESCRIPTORS = [
    {
        "file": "model-config.descriptor.json",
        "package": "tritonclient",
        "roots": [("tritonclient.grpc.model_config_pb2", "ModelConfig")],
        "fields": {},
    },
    {
        "file": "tensorflow-options.descriptor.json",
        "package": "tensorflow",
        "roots": [
            ("tensorflow.core.protobuf.config_pb2", "ConfigProto"),
            ("tensorflow.core.protobuf.config_pb2", "RunOptions"),
        ],
        "fields": {},
    },
    {
        "file": "saved-model.descriptor.json",
        "package": "tensorflow",
        "roots": [("tensorflow.core.protobuf.saved_model_pb2", "SavedModel")],
        "fields": {
            "tensorflow.SavedModel": ["saved_model_schema_version", "meta_graphs"],
            "tensorflow.MetaGraphDef": ["meta_info_def", "signature_def"],
            "tensorflow.MetaGraphDef.MetaInfoDef": ["tags"],
            "tensorflow.SignatureDef": ["inputs", "outputs", "method_name"],
            "tensorflow.TensorInfo": ["name", "coo_sparse", "dtype", "tensor_shape", "composite_tensor"],
            "tensorflow.TensorInfo.CooSparse": ["values_tensor_name"],
            "tensorflow.TensorInfo.CompositeTensor": [],
        },
    },
    {
        "file": "graph-def.descriptor.json",
        "package": "tensorflow",
        "roots": [("tensorflow.core.framework.graph_pb2", "GraphDef")],
        "fields": {
            "tensorflow.GraphDef": ["node"],
            "tensorflow.NodeDef": ["name", "op"],
        },
    },
    {
        # What `tandem inspect` counts: a constant's type and shape, but not its elements.
        "file": "graph-contents.descriptor.json",
        "package": "tensorflow",
        "roots": [
            ("tensorflow.core.protobuf.saved_model_pb2", "SavedModel"),
            ("tensorflow.core.framework.graph_pb2", "GraphDef"),
        ],
        "fields": {
            "tensorflow.SavedModel": ["meta_graphs"],
            "tensorflow.MetaGraphDef": ["meta_info_def", "graph_def", "collection_def", "asset_file_def"],
            "tensorflow.MetaGraphDef.MetaInfoDef": ["tags", "tensorflow_version"],
            "tensorflow.CollectionDef": ["node_list"],
            "tensorflow.AssetFileDef": ["filename"],
            "tensorflow.GraphDef": ["node", "library"],
            "tensorflow.NodeDef": ["name", "op", "input", "attr"],
            "tensorflow.AttrValue": ["type", "shape", "tensor"],
            "tensorflow.TensorProto": ["dtype", "tensor_shape", "string_val"],
            "tensorflow.TensorShapeProto.Dim": ["size"],
            "tensorflow.FunctionDefLibrary": ["function"],
            "tensorflow.FunctionDef": ["node_def"],
        },
    },
]


def import_without_init(package, module):
    """Imports a generated `_pb2` module but not its package's `__init__`, which would start a whole runtime."""
    if package not in sys.modules:
        spec = importlib.util.find_spec(package)
        if spec is None:
            sys.exit(f"Python package {package} is not installed; see the top of this script")
        bare = types.ModuleType(package)
        bare.__path__ = list(spec.submodule_search_locations)
        sys.modules[package] = bare
    return importlib.import_module(module)


class Writer:
    """Collects messages and enums into protobufjs's nested namespaces."""

    def __init__(self, narrowed):
        self.narrowed = narrowed
        self.seen = {}

    def add(self, descriptor):
        """Adds a message or enum with everything it refers to."""
        if descriptor.full_name in self.seen:
            return
        if hasattr(descriptor, "values"):
            values = {value.name: value.number for value in descriptor.values}
            self.seen[descriptor.full_name] = (descriptor, {"values": values})
            return
        body = {}
        self.seen[descriptor.full_name] = (descriptor, body)
        wanted = self.narrowed.get(descriptor.full_name)
        fields = [field for field in descriptor.fields if wanted is None or field.name in wanted]
        oneofs = {}
        body["fields"] = {}
        for field in fields:
            if field.containing_oneof is not None:
                oneofs.setdefault(field.containing_oneof.name, {"oneof": []})["oneof"].append(field.name)
            body["fields"][field.name] = self.field(field)
        if oneofs:
            body["oneofs"] = oneofs

    def field(self, field):
        value_type = self.type_name(field)
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
            return {"keyType": self.type_name(key), "type": self.type_name(value), "id": field.number}
        body = {"rule": "repeated"} if repeated(field) else {}
        return {**body, "type": value_type, "id": field.number}

    def type_name(self, field):
        if field.enum_type is not None:
            self.add(field.enum_type)
            return "." + field.enum_type.full_name
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry:
                return None
            self.add(field.message_type)
            return "." + field.message_type.full_name
        scalar = type(field)
        names = {getattr(scalar, name): name[5:].lower() for name in dir(scalar) if name.startswith("TYPE_")}
        return names[field.type]

    def root(self):
        """Everything added, under its package and its enclosing messages."""
        root = {}
        # Enclosing messages first, each file in the order of declaration.
        for full_name in sorted(self.seen, key=lambda name: (name.count("."), name)):
            descriptor, body = self.seen[full_name]
            package = descriptor.file.package
            place = root
            for part in package.split("."):
                place = place.setdefault("nested", {}).setdefault(part, {})
            inner = full_name[len(package) + 1 :].split(".")
            for part in inner[:-1]:
                place = place.setdefault("nested", {}).setdefault(part, {})
            place.setdefault("nested", {}).setdefault(inner[-1], {}).update(body)
        return root


def repeated(field):
    is_repeated = getattr(field, "is_repeated", None)
    return field.label == field.LABEL_REPEATED if is_repeated is None else is_repeated


def main():
    for wanted in DESCRIPTORS:
        writer = Writer(wanted["fields"])
        for module, message in wanted["roots"]:
            writer.add(import_without_init(wanted["package"], module).DESCRIPTOR.message_types_by_name[message])
        path = OUTPUT / wanted["file"]
        path.write_text(json.dumps(writer.root(), indent=1) + "\n")
        print(f"{path.name}: {len(writer.seen)} messages and enums, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
