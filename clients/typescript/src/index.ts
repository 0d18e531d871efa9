// psup: terminal programs that stay alive, and within reach of programs.

export { Client, connect, type Abort, type Answer, type ConnectOptions, type Json, type Targets } from "./client.js";
export * from "./errors.js";
export type * from "./generated.js";
export { EOF, TIMEOUT, type Pattern } from "./output.js";
export { Session, type Expected, type ExpectOptions } from "./session.js";
export { Events, ExecOutput, Pieces, Stream } from "./stream.js";
export type * as types from "./types.js";
export type { ExecResult, Input, Piece, Words } from "./values.js";
