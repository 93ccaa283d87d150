// The client of Portrait. index.d.ts documents the exports.
export { Client } from "./client.js";
export { isTransient, lookupErrorOf } from "./errors.js";
export * from "../gen/portrait/v1/access_pb.js";
export * from "../gen/portrait/v1/admin_pb.js";
export * from "../gen/portrait/v1/profile_picture_pb.js";
export * from "../gen/portrait/v1/session_pb.js";
