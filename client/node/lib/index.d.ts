import type { Client as ServiceClient, ConnectError } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AccessService } from "../gen/portrait/v1/access_pb.js";
import type { AdminService } from "../gen/portrait/v1/admin_pb.js";
import type {
  GetProfilePictureRequestSchema, LookupError, LookupOptionsSchema,
  ProfilePicture, ProfilePictureService, WatchProfilePictureChangesResponse,
} from "../gen/portrait/v1/profile_picture_pb.js";
import type { SessionService } from "../gen/portrait/v1/session_pb.js";

export * from "../gen/portrait/v1/access_pb.js";
export * from "../gen/portrait/v1/admin_pb.js";
export * from "../gen/portrait/v1/profile_picture_pb.js";
export * from "../gen/portrait/v1/session_pb.js";

export interface ClientOptions {
  /** The access token. */
  token?: string;
  /** A file that contains the token; white space around the token is removed. */
  tokenFile?: string;
  /** Use TLS and verify the server's certificate against Node's root certificates. */
  tls?: boolean;
  /** Use TLS and verify the server's certificate against these root certificates (PEM). */
  caFile?: string;
  /** The client's own certificate and key (PEM), for mutual TLS. */
  certFile?: string;
  keyFile?: string;
  /**
   * Send the token without TLS to a server on another machine. Without it, the
   * constructor throws in that case.
   */
  allowPlaintext?: boolean;
  /** The timeout of unary calls that have no own timeout. Default: 30,000. */
  timeoutMs?: number;
}

/** A contact to look up. */
export interface Item<Context = unknown> {
  /**
   * A phone number or JID. Anything else, null and undefined included, has a result
   * with an error whose reason is INVALID_CONTACT.
   */
  contact: string;
  /**
   * The picture id that the caller already has. If it is still current, the
   * picture's state is UNCHANGED.
   */
  existingId?: string;
  /**
   * The ISO 3166 code of the country, such as "DE", of a phone number without a
   * country code. Default: the defaultCountry of the options.
   */
  country?: string;
  /** Any value of the caller, such as the row that contains the contact. */
  context?: Context;
}

/**
 * The result of one item: either picture or error is set. Both are undefined if a
 * newer server returned an outcome that this client does not know.
 *
 * JSON.stringify, and so `response.json(result)` of a web framework, renders picture
 * and error in the standard JSON mapping of protobuf: times as ISO strings, enum
 * values as names.
 */
export interface Result<Context = unknown> {
  item: Item<Context>;
  picture?: ProfilePicture;
  error?: LookupError;
}

/** The options that bulk lookups and watches share. */
export interface StreamOptions {
  /** Ends the iteration, which throws the signal's reason. */
  signal?: AbortSignal;
  /** The first and the longest delay before a reconnect. Default: 200 and 5,000. */
  firstBackoffMs?: number;
  longestBackoffMs?: number;
  /** Called with the error of a stream that broke, before a reconnect. */
  onTrouble?: (error: ConnectError) => void;
}

export interface EnrichOptions extends StreamOptions {
  lookup?: MessageInitShape<typeof LookupOptionsSchema>;
  /** Items per message; the server accepts up to 1000. Default: 500. */
  batchItems?: number;
  /**
   * Limits memory: the maximum number of items that were read from the source and
   * whose result the caller has not received. Default: 10,000.
   */
  maxPending?: number;
  /**
   * If the streams keep breaking and no result arrives for this long, the lookup
   * fails with the error of the last stream. Default: 120,000. 0: the lookup fails
   * as soon as a stream breaks.
   */
  retryForMs?: number;
  /**
   * The server sends a message at least every second while it has work. If no
   * message arrives for this long, the client reconnects. Default: 30,000.
   */
  silenceMs?: number;
}

export interface WatchOptions extends StreamOptions {
  /** Empty: only changes from now on. "beginning": all stored changes. */
  resumeToken?: string;
  /** Empty: all contacts. */
  contacts?: string[];
  /** Fail if no message arrives from any server for this long. Default: never. */
  retryForMs?: number;
  /** Reconnect if no message arrives for this long. Default: 60,000. */
  silenceMs?: number;
}

/**
 * A client of one server. The first call opens the connection. Calls that fail throw
 * ConnectError.
 *
 * Unary calls that can be repeated without harm are retried if the server is
 * unavailable: up to three times, within the timeout, and only if the server asks for
 * a delay of at most 5 s.
 */
export class Client {
  /**
   * @param server "HOST:PORT" or "HOST" (port 7700).
   * @throws Error if an argument is invalid or a file cannot be read.
   */
  constructor(server?: string, options?: ClientOptions);

  /** The generated clients. The token is added to each call, the timeout to unary calls. */
  readonly pictures: ServiceClient<typeof ProfilePictureService>;
  readonly sessions: ServiceClient<typeof SessionService>;
  readonly access: ServiceClient<typeof AccessService>;
  readonly admin: ServiceClient<typeof AdminService>;

  /** Looks up one contact. JSON.stringify renders the picture as it does in a Result. */
  get(
    contact: string,
    request?: MessageInitShape<typeof GetProfilePictureRequestSchema>,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<ProfilePicture>;

  /**
   * Looks up at most 1000 contacts in one call; the results are in the order of the
   * items. For more contacts, or to see each result as soon as it is available, use
   * enrich. The server answers shortly before the timeout; an item that it could not
   * look up until then has an error. Throws ConnectError only if the call itself fails.
   */
  batchGet<Context = unknown>(
    items: Iterable<string | Item<Context>>,
    lookup?: MessageInitShape<typeof LookupOptionsSchema>,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Result<Context>[]>;

  /**
   * Looks up any number of contacts and returns exactly one result for each, in any
   * order. If the connection breaks, it reconnects and sends the items again that
   * have no result. Throws
   *
   * - ConnectError, if the server refused the call or was unreachable for retryForMs;
   * - the error of the source, after the results of all earlier items;
   * - the signal's reason.
   *
   * The source is read as far as there is room. If the caller does not take results,
   * the source and the server are slowed down (backpressure). If the caller leaves
   * the loop, the lookup ends.
   */
  enrich<Context = unknown>(
    items: Iterable<string | Item<Context>> | AsyncIterable<string | Item<Context>>,
    options?: EnrichOptions,
  ): AsyncGenerator<Result<Context>, void>;

  /**
   * Receives changes. If the connection breaks or the server restarts, it resumes
   * after the last response. Each response has changes and the resumeToken that
   * resumes after them: save the token only after the changes are saved. A response
   * without changes is a heartbeat. The iteration ends only if the caller leaves the
   * loop, by the signal, or with a ConnectError if the server refused the call or was
   * unreachable for retryForMs.
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchProfilePictureChangesResponse, never>;

  /** Closes the connection and ends all calls. */
  close(): void;
}

/**
 * Whether the same call may succeed when it is retried. False if the token, the
 * request or the linked accounts must be corrected first.
 */
export function isTransient(error: unknown): boolean;

/**
 * Returns the error of a call in the form that a bulk result has: reason, message and
 * retryAfter. The reason is UNSPECIFIED if the service sent no reason, for example
 * because the call did not reach it, or a reason that this client does not know.
 */
export function lookupErrorOf(error: unknown): LookupError;
