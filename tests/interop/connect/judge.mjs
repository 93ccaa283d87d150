// Calls portraitd over HTTP/1.1 by the Connect protocol, in JSON and binary, and
// by gRPC-Web.
//
//   node judge.mjs BASE_URL TOKEN CONTACT
import assert from "node:assert/strict";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ProfilePictureService } from "./gen/portrait/v1/profile_picture_pb.js";
import { SessionService } from "./gen/portrait/v1/session_pb.js";

const [baseUrl, token, contact] = process.argv.slice(2);
const authorized = (value) => (next) => (request) => {
  request.header.set("Authorization", `Bearer ${value}`);
  return next(request);
};
const protocols = {
  json: [createConnectTransport, { useBinaryFormat: false }],
  binary: [createConnectTransport, { useBinaryFormat: true }],
  grpcWeb: [createGrpcWebTransport, {}],
};
const clientOf = (service, protocol, value = token) => {
  const [transport, options] = protocols[protocol];
  return createClient(
    service,
    transport({
      baseUrl,
      httpVersion: "1.1",
      interceptors: [authorized(value)],
      ...options,
    }),
  );
};
const failure = async (call) => {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  assert.fail("the call succeeded");
};

for (const protocol of Object.keys(protocols)) {
  const pictures = clientOf(ProfilePictureService, protocol);
  const { profilePicture } = await pictures.getProfilePicture({ contact });
  assert.equal(profilePicture.phoneNumber, contact);
  const { sessions } = await clientOf(SessionService, protocol).listSessions({});
  assert.deepEqual(sessions.map((s) => s.session), ["mine"]);

  const invalid = await failure(pictures.getProfilePicture({ contact: "x" }));
  assert.equal(invalid.code, Code.InvalidArgument);
  const [info] = invalid.findDetails(ErrorInfoSchema);
  assert.equal(info.reason, "ERROR_REASON_INVALID_CONTACT");
  const stranger = clientOf(ProfilePictureService, protocol, "pt_unknown");
  assert.equal(
    (await failure(stranger.getProfilePicture({ contact }))).code,
    Code.Unauthenticated,
  );
  // A stream: the stored change, then the stream is cancelled.
  const abort = new AbortController();
  const seen = [];
  try {
    for await (const response of pictures.watchProfilePictureChanges(
      { resumeToken: "beginning" },
      { signal: abort.signal },
    )) {
      seen.push(...response.changes);
      if (seen.length > 0) abort.abort();
    }
  } catch (error) {
    assert.equal(ConnectError.from(error).code, Code.Canceled);
  }
  assert.equal(seen[0].phoneNumber, contact);
  // A stream that fails.
  const wrong = pictures.watchProfilePictureChanges({ resumeToken: "x" });
  const refused = await failure((async () => {
    for await (const unused of wrong) assert.fail(`${unused}`);
  })());
  assert.equal(refused.code, Code.InvalidArgument);
}
console.log("ok");
