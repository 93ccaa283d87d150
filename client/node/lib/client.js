import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AccessService } from "../gen/portrait/v1/access_pb.js";
import { AdminService } from "../gen/portrait/v1/admin_pb.js";
import { ProfilePictureSchema, ProfilePictureService } from "../gen/portrait/v1/profile_picture_pb.js";
import { SessionService } from "../gen/portrait/v1/session_pb.js";
import { batchGet } from "./batch.js";
import { BulkRun } from "./bulk.js";
import { withJson } from "./plain.js";
import { unaryCalls } from "./unary.js";
import { watch } from "./watch.js";

const defaultPort = 7700;
const defaultTimeoutMs = 30_000;
// A message carries at most 1000 results of a few kilobytes each.
const maxMessageBytes = 16 * 1024 * 1024;
// Pings during a call detect a server that has disappeared without closing the
// connection. The server refuses pings that are less than 10 seconds apart.
const keepalive = { pingIntervalMs: 60_000, pingTimeoutMs: 20_000 };

export class Client {
  #sessions;

  constructor(server = "127.0.0.1:7700", options = {}) {
    const token = readToken(options);
    const tls = readTls(options);
    const baseUrl = urlOf(server, tls !== undefined);
    if (token !== "" && tls === undefined && !options.allowPlaintext && !onThisMachine(baseUrl)) {
      throw new Error(`the token would be sent to ${server} without encryption: use tls or ` +
        "caFile, or set allowPlaintext if the network is trusted");
    }
    this.#sessions = new Http2SessionManager(baseUrl, keepalive, tls);
    const transport = unaryCalls(
      createGrpcTransport({
        baseUrl,
        sessionManager: this.#sessions,
        readMaxBytes: maxMessageBytes,
        interceptors: token === "" ? [] : [(next) => (request) => {
          request.header.set("authorization", `Bearer ${token}`);
          return next(request);
        }],
      }),
      options.timeoutMs ?? defaultTimeoutMs);
    this.pictures = createClient(ProfilePictureService, transport);
    this.sessions = createClient(SessionService, transport);
    this.access = createClient(AccessService, transport);
    this.admin = createClient(AdminService, transport);
  }

  async get(contact, request = {}, options = {}) {
    const response = await this.pictures.getProfilePicture({ ...request, contact }, options);
    return withJson(ProfilePictureSchema, response.profilePicture);
  }

  batchGet(items, lookup = {}, options = {}) {
    return batchGet(this.pictures, items, lookup, options);
  }

  enrich(items, options = {}) {
    return new BulkRun(this.pictures, options).results(items);
  }

  watch(options = {}) {
    return watch(this.pictures, options);
  }

  close() {
    this.#sessions.abort();
  }
}

function urlOf(server, tls) {
  const scheme = tls ? "https" : "http";
  const withPort = /:\d+$/.test(server) ? server : `${server}:${defaultPort}`;
  if (server === "" || server.includes("/") || !URL.canParse(`${scheme}://${withPort}`)) {
    throw new Error(`server "${server}": expected HOST:PORT or HOST`);
  }
  return `${scheme}://${withPort}`;
}

function onThisMachine(baseUrl) {
  const { hostname } = new URL(baseUrl);
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function readToken({ token = "", tokenFile }) {
  if (tokenFile !== undefined) token = readFileSync(tokenFile, "utf8").trim();
  if (!/^[!-~]*$/.test(token)) {
    throw new Error("the token has an invalid character: white space, a control character " +
      "or a character outside ASCII");
  }
  return token;
}

function readTls({ tls, caFile, certFile, keyFile }) {
  if (!tls && caFile === undefined && certFile === undefined) return undefined;
  const read = (path) => (path === undefined ? undefined : readFileSync(path));
  return { ca: read(caFile), cert: read(certFile), key: read(keyFile) };
}
