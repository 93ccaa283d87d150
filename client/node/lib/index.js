// Client of Portrait: WhatsApp profile pictures, one or a million at a time.
// index.d.ts tells what each export does.
export { Client } from "./client.js";
export { isTransient, lookupErrorOf } from "./errors.js";
export * from "../gen/portrait/v1/access_pb.js";
export * from "../gen/portrait/v1/profile_picture_pb.js";
export * from "../gen/portrait/v1/session_pb.js";
