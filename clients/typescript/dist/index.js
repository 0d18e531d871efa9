// psup: terminal programs that stay alive, and within reach of programs.
export { Client, connect } from "./client.js";
export * from "./errors.js";
export { EOF, TIMEOUT } from "./output.js";
export { Session } from "./session.js";
export { Events, ExecOutput, Pieces, Stream } from "./stream.js";
