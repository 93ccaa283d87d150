import type { Client as ServiceClient, ConnectError } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AccessService } from "../gen/portrait/v1/access_pb.js";
import type {
  GetProfilePictureRequestSchema, LookupError, LookupOptionsSchema,
  ProfilePicture, ProfilePictureService, WatchProfilePictureChangesResponse,
} from "../gen/portrait/v1/profile_picture_pb.js";
import type { SessionService } from "../gen/portrait/v1/session_pb.js";

export * from "../gen/portrait/v1/access_pb.js";
export * from "../gen/portrait/v1/profile_picture_pb.js";
export * from "../gen/portrait/v1/session_pb.js";

export interface ClientOptions {
  /** Who you are. */
  token?: string;
  /** Read when the client is made; white space around the token is dropped. */
  tokenFile?: string;
  /** Encrypt, and check the server's certificate against Node's roots. */
  tls?: boolean;
  /** Encrypt, and check the server's certificate against these roots (PEM). */
  caFile?: string;
  /** This client's own certificate (PEM), for mutual TLS. */
  certFile?: string;
  keyFile?: string;
  /** Of each call of one answer that names none. Default: 30,000. */
  timeoutMs?: number;
}

/** A contact to look up. */
export interface Item<Context = unknown> {
  contact: string;
  /** A picture id the caller already has: "unchanged" is then an answer. */
  existingId?: string;
  /** The caller's own, such as the row that the contact came from. */
  context?: Context;
}

/**
 * What came of an item. One of picture and error is set; neither for an outcome
 * that only a newer client knows.
 */
export interface Result<Context = unknown> {
  item: Item<Context>;
  picture?: ProfilePicture;
  error?: LookupError;
}

/** What bulk lookups and watches have in common. */
export interface StreamOptions {
  /** Ends it; who iterates gets the signal's reason. */
  signal?: AbortSignal;
  /** Before a stream is tried again. Default: 200 and 5,000. */
  firstBackoffMs?: number;
  longestBackoffMs?: number;
  /** Told why a stream broke, before it is tried again. */
  onTrouble?: (error: ConnectError) => void;
}

export interface EnrichOptions extends StreamOptions {
  lookup?: MessageInitShape<typeof LookupOptionsSchema>;
  /** In a message; the server takes up to 1000. Default: 500. */
  batchItems?: number;
  /**
   * Bounds memory: items that were taken and whose result was not handed out.
   * Default: 10,000.
   */
  maxPending?: number;
  /**
   * Without a single result for this long, and no stream that holds, the lookup
   * fails with the last stream's error. Default: 120,000. 0: the first break
   * ends it.
   */
  retryForMs?: number;
  /**
   * The server says something every second while it has work. One that is
   * silent for this long is taken for gone. Default: 30,000.
   */
  silenceMs?: number;
}

export interface WatchOptions extends StreamOptions {
  /** Empty: from now on; "beginning": from the first change that is kept. */
  resumeToken?: string;
  /** Empty: every contact. */
  contacts?: string[];
  /** Without a word from any server for this long, fail. Default: never. */
  retryForMs?: number;
  /** A server that says nothing for this long is left. Default: 60,000. */
  silenceMs?: number;
}

/** Connects when the first call is made. Calls that fail throw ConnectError. */
export class Client {
  /**
   * @param server "HOST:PORT" or "HOST" (port 7700).
   * @throws Error for what cannot be, and for files that cannot be read.
   */
  constructor(server?: string, options?: ClientOptions);

  /** The service as generated; token and timeout are added to each call. */
  readonly pictures: ServiceClient<typeof ProfilePictureService>;
  readonly sessions: ServiceClient<typeof SessionService>;
  readonly access: ServiceClient<typeof AccessService>;

  /** One contact. */
  get(
    contact: string,
    request?: MessageInitShape<typeof GetProfilePictureRequestSchema>,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<ProfilePicture>;

  /**
   * Any number of contacts, each with exactly one result, in any order, whatever
   * happens to the connection meanwhile. Throws
   *
   * - ConnectError: the server refuses, or was gone for retryForMs;
   * - what the source threw, after the results of what came before;
   * - the signal's reason.
   *
   * The source is asked as far as there is room. A caller that takes no results
   * holds both the server and the source back; one that leaves the loop ends it.
   */
  enrich<Context = unknown>(
    items: Iterable<string | Item<Context>> | AsyncIterable<string | Item<Context>>,
    options?: EnrichOptions,
  ): AsyncGenerator<Result<Context>, void>;

  /**
   * Follows changes, and goes on where it was when the connection breaks or the
   * server restarts. Each response has changes (none: a heartbeat) and the
   * resumeToken that continues after them: keep it once they are safe. Ends only
   * by leaving the loop, by the signal, or by throwing ConnectError when the
   * server refuses or was gone for retryForMs.
   */
  watch(options?: WatchOptions): AsyncGenerator<WatchProfilePictureChangesResponse, never>;

  /** Ends all calls. */
  close(): void;
}

/**
 * Whether a call that failed so may succeed later. False for what somebody has to
 * correct first: the token, the request, the accounts.
 */
export function isTransient(error: unknown): boolean;

/**
 * A call's error as a bulk result would carry it: reason, message, retryAfter.
 * The reason is UNSPECIFIED when the service gave none (the call did not reach
 * it) or one that this client does not know.
 */
export function lookupErrorOf(error: unknown): LookupError;
