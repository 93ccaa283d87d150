import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { withJson } from "./plain.js";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { ErrorReasonSchema, LookupErrorSchema } from "../gen/portrait/v1/profile_picture_pb.js";

const errorDomain = "portrait";

// A broken connection may be reported with any of these codes.
const transientCodes = new Set([
  Code.Unavailable, Code.Internal, Code.Unknown, Code.Canceled, Code.Aborted,
  Code.DeadlineExceeded, Code.ResourceExhausted,
]);

export function isTransient(error) {
  return transientCodes.has(ConnectError.from(error).code);
}

export function unavailable(message) {
  return new ConnectError(message, Code.Unavailable);
}

export function lookupErrorOf(error) {
  const failed = ConnectError.from(error);
  const [info] = failed.findDetails(ErrorInfoSchema)
    .filter((detail) => detail.domain === errorDomain);
  const [retry] = failed.findDetails(RetryInfoSchema);
  const known = ErrorReasonSchema.values.find(({ name }) => name === info?.reason);
  return withJson(LookupErrorSchema, create(LookupErrorSchema, {
    message: failed.rawMessage,
    reason: known?.number ?? 0,
    retryAfter: retry?.retryDelay,
  }));
}
