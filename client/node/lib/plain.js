import { toJson } from "@bufbuild/protobuf";

// Adds a toJSON method to `message`, which JSON.stringify calls, so that the
// standard JSON mapping of protobuf is used: times are ISO strings, 64-bit numbers
// are strings, enum values are names. The property is not enumerable: it does not
// show when the message is copied, compared or printed.
export function withJson(schema, message) {
  return withMethod(message, () => toJson(schema, message, { alwaysEmitImplicit: true }));
}

export function withMethod(object, toJSON) {
  return Object.defineProperty(object, "toJSON", { value: toJSON, configurable: true });
}
