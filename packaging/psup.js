#!/usr/bin/env node
// Becomes the binary of this platform, which the optional dependency psup-linux-CPU holds.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `psup-${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`${name}/bin/psup`);
} catch {
  console.error(`error: psup has no build for ${process.platform} on ${process.arch}`);
  console.error(`hint: if it should have: \`npm install ${name}\`; \`npm install --omit=optional\` leaves it out`);
  process.exit(5);
}
const words = process.argv.slice(2);
// Newer versions of Node can be replaced by another program; older ones wait for it.
if (process.execve) {
  try {
    process.execve(binary, ["psup", ...words], process.env);
  } catch {
    // Not on this platform.
  }
}
const { status, signal, error } = spawnSync(binary, words, { stdio: "inherit" });
if (error) {
  console.error(`error: cannot run ${binary}: ${error.message}`);
  process.exit(5);
}
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
