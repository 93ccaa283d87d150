"""Writes README.md, the reference of the public contract.

    reference.py DESCRIPTOR_SET >README.md

The descriptor set is protoc's, with its source information. Needs the Python
package protobuf; proto/generate runs it.
"""

import re
import sys

from google.protobuf import descriptor_pb2 as descriptors

INTRODUCTION = """\
# The contract

<!-- proto/generate writes this from the .proto files. -->

Portrait's API consists of the gRPC services of the package `portrait.v1`.
[client/](../client/README.md) has clients for several languages. For other
languages, generate a client from these files, or use the server's reflection
service. Later versions may add fields, values and methods; they never rename or
remove any.

`buf lint proto` and `buf breaking proto` check this.
"""

# Field numbers within descriptor.proto, which source paths contain.
MESSAGE, ENUM, SERVICE = 4, 5, 6
FIELD, VALUE, METHOD, ONEOF = 2, 2, 2, 8
TYPES = {number: name.removeprefix("TYPE_").lower() for name, number in
         descriptors.FieldDescriptorProto.Type.items()}


class Page:
    def __init__(self, files):
        self.files = files
        self.comments = {}
        for file in files:
            for location in file.source_code_info.location:
                text = location.leading_comments or location.trailing_comments
                self.comments[(file.name, *location.path)] = text

    def text(self, *path):
        """A comment as Markdown: indented lines stay as they are."""
        lines = [line.removeprefix(" ").rstrip()
                 for line in self.comments.get(path, "").splitlines()]
        blocks, code = [], False
        for line in lines:
            if (line.startswith("  ") and line.strip() != "") != code:
                code = not code
                blocks.append("```text" if code else "```")
            blocks.append(line.removeprefix("  ") if code else line)
        if code:
            blocks.append("```")
        return "\n".join(blocks).strip()

    def cell(self, *path):
        """A comment for a table's cell."""
        return " ".join(self.text(*path).split()).replace("|", "\\|")

    def write(self):
        yield INTRODUCTION
        for file in self.files:
            for i, service in enumerate(file.service):
                yield from self.service(file, i, service)
        yield "## Messages\n"
        for file in self.files:
            for i, message in enumerate(file.message_type):
                yield from self.message(file, i, message)
        yield "## Enumerations\n"
        for file in self.files:
            for i, enum in enumerate(file.enum_type):
                yield from self.enum(file, i, enum)

    def service(self, file, i, service):
        yield f"## {service.name}\n\n{self.text(file.name, SERVICE, i)}\n"
        for j, method in enumerate(service.method):
            asked = link(method.input_type, method.client_streaming)
            answer = link(method.output_type, method.server_streaming)
            yield f"### {method.name}\n\n{asked} → {answer}\n"
            yield self.text(file.name, SERVICE, i, METHOD, j) + "\n"

    def message(self, file, i, message):
        yield f"### {message.name}\n\n{self.text(file.name, MESSAGE, i)}\n"
        if not message.field:
            return
        yield "| | Field | Type | |\n| --- | --- | --- | --- |"
        for j, field in enumerate(message.field):
            kind = link(field.type_name) if field.type_name else (
                TYPES[field.type])
            if field.label == field.LABEL_REPEATED:
                kind = f"repeated {kind}"
            if field.HasField("oneof_index"):
                kind += f" (one of `{message.oneof_decl[field.oneof_index].name}`)"
            yield (f"| {field.number} | `{field.name}` | {kind} | "
                   f"{self.cell(file.name, MESSAGE, i, FIELD, j)} |")
        yield ""
        for j, oneof in enumerate(message.oneof_decl):
            yield (f"`{oneof.name}`: "
                   f"{self.cell(file.name, MESSAGE, i, ONEOF, j)}\n")

    def enum(self, file, i, enum):
        yield f"### {enum.name}\n\n{self.text(file.name, ENUM, i)}\n"
        yield "| | Value | |\n| --- | --- | --- |"
        for j, value in enumerate(enum.value):
            yield (f"| {value.number} | `{value.name}` | "
                   f"{self.cell(file.name, ENUM, i, VALUE, j)} |")
        yield ""


def link(type_name, stream=False):
    name = type_name.removeprefix(".portrait.v1.")
    if name == type_name:
        text = f"`{type_name.removeprefix('.')}`"
    else:
        text = f"[{name}](#{name.lower()})"
    return f"stream of {text}" if stream else text


def main():
    with open(sys.argv[1], "rb") as file:
        content = descriptors.FileDescriptorSet.FromString(file.read())
    # Pictures first, because they are the main service.
    order = ("profile_picture", "session", "access", "admin")
    files = sorted(content.file, key=lambda f: order.index(
        re.sub(r".*/(\w+)\.proto", r"\1", f.name)))
    print("\n".join(Page(files).write()).rstrip())


if __name__ == "__main__":
    main()
