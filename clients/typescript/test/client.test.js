// The client against the real binary, with a supervisor of its own.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as psup from "../dist/index.js";
import { OutputBuffer } from "../dist/output.js";
import { CLASSES } from "../dist/errors.js";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
process.env.PSUP_BIN ??= join(root, "target/debug/psup");

let dir;
let p;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), "psup-"));
  p = await psup.connect({ dir });
});
after(async () => {
  await p.shutdown({ force: true });
  await p.close();
  rmSync(dir, { recursive: true, force: true });
});

const shell = (use) => p.withSession(undefined, ["bash", "--norc"], async (s) => {
  await s.wait({ prompt: true, timeout: "60s" });
  await use(s);
});

const blocks = "stty -echo; echo ready; while read from to; do seq $from $to; done";

/** Kills `psup rpc`, if it runs. */
function kill() {
  try {
    process.kill(p.pid ?? 0x7fffffff, "SIGKILL");
  } catch {
    // It has been killed, and there is not another one yet.
  }
}

test("the verbs are methods", async () => {
  const s = await p.spawn("verbs", ["cat"], { label: { role: "test" } });
  assert.ok((await p.has("verbs")) && !(await p.has("nobody")));
  assert.deepEqual((await p.list({ label: "role=test" })).map((one) => one.id), [s.id]);
  const offset = await s.sendLine("one");
  const held = await s.wait({ text: "^one", since: offset, timeout: "60s" });
  assert.equal(held.held[0].match.text, "one");
  await s.resize("90x20");
  assert.deepEqual((await s.info()).size, { cols: 90, rows: 20 });
  assert.equal((await s.screen()).split("\n")[0], "one");
  assert.equal(await s.output({ text: false }), "one\r\none\r\n");
  const first = s.id;
  await s.rename("renamed");
  await s.restart();
  assert.notEqual(s.id, first);
  await s.signal("TERM");
  assert.equal((await s.wait({ exit: true, timeout: "60s" })).exit.signal, "TERM");
  assert.equal(await s.isAlive(), false);
  await s.forget();
  await assert.rejects(s.info(), psup.NoSuchSession);
  assert.ok((await p.status()).sessions_live >= 0);
  assert.ok((await p.doctor()).every((check) => check.severity));
  assert.deepEqual(await p.targets(), []);
});

test("exec gives output and code, and streams", () =>
  shell(async (s) => {
    const result = await s.exec("echo out; (exit 3)");
    assert.deepEqual([result.output, result.code], ["out\n", 3]);
    assert.equal((await s.exec(["echo", "a  b", "it's"])).output, "a  b it's\n");
    const stream = s.execStream("echo first; read word; echo $word; false");
    let output = "";
    for await (const bytes of stream) {
      output += new TextDecoder().decode(bytes);
      // It goes on only if the first piece has come while it runs.
      if (output === "first\n") await s.sendLine("second");
    }
    assert.match(output, /first\n(second\n)+/);
    assert.equal(stream.result.code, 1);
    assert.equal((await s.execStream("echo all").collect()).output, "all\n");
    assert.equal((await s.exec("tr a-z A-Z", { stdin: "by stdin" })).output, "BY STDIN");
    await assert.rejects(s.exec("echo begun; read never", { timeout: 500 }), (error) => {
      assert.ok(error instanceof psup.TimedOut);
      assert.equal(error.items[0].output, "begun\n");
      return true;
    });
  }));

test("text and bytes are typed as they are", () =>
  p.withSession(undefined, ["/bin/sh", "-c", "stty raw -echo; echo ready; exec cat -v"], async (s) => {
    await s.expect(/ready\r?\n/);
    for (const [input, shown] of [
      ["plain", "plain"],
      ["--enter", "--enter"],
      ["nul\0", "nul^@"],
      ["é", "M-CM-)"],
      [new Uint8Array([0, 255, 27]), "^@M-^?^["],
      ["y".repeat(200_000), "y".repeat(200_000)],
    ]) {
      await s.send(input, { key: "C-x" });
      assert.equal((await s.expect("^X", { exact: true })).before, shown);
    }
  }));

test("errors have class, code, hint and items", async () => {
  await assert.rejects(p.info("wbe"), (error) => {
    assert.ok(error instanceof psup.NoSuchSession && error instanceof psup.PsupError);
    assert.deepEqual([error.code, error.exit, error.name], ["no-such-session", 3, "NoSuchSession"]);
    assert.match(error.hint, /psup list/);
    return true;
  });
  await p.withSession("taken", ["cat"], async (s) => {
    await assert.rejects(p.spawn("taken", ["cat"]), psup.NameTaken);
    await assert.rejects(s.wait({ text: "never", timeout: 50 }), (error) => {
      assert.equal(error.items[0].verdict, "timed-out");
      return error instanceof psup.TimedOut;
    });
    await assert.rejects(s.wait({ text: "(", timeout: 50 }), psup.BadPattern);
    await assert.rejects(async () => s.wait({ timeot: 1 }), TypeError);
  });
  await assert.rejects(async () => psup.connect({ binary: "/does/not/exist" }), psup.Unreachable);
  await assert.rejects(psup.connect({ profile: "not a profile!" }), psup.Unreachable);
  const { methods, reply } = schema();
  assert.deepEqual(Object.keys(CLASSES).sort(), reply.properties.error.properties.code.enum.sort());
  assert.deepEqual(Object.keys(methods).sort(), [...p.methods].sort());
});

test("expect matches each byte once, and tells where", () =>
  p.withSession(undefined, ["/bin/sh", "-c", "printf 'one t\\033[1mwo\\033[0m three\\n'; exec cat"], async (s) => {
    const found = await s.expect(["three", "t(w)o", "nothing"]);
    assert.deepEqual([found.index, found.before, found.after, found.match[1]], [1, "one ", "two", "w"]);
    assert.equal(found.offset, "one t\x1b[1mwo".length);
    assert.equal((await s.expect(["e", "thr"], { exact: true })).index, 1);
    assert.equal((await s.expect(/E+/i)).after, "ee");
    await s.sendLine("a.b");
    await s.expect("a.b\r\n", { exact: true });
    await s.expect("a.b\r\n", { exact: true });
    assert.equal((await s.expect(["a", psup.TIMEOUT], { timeout: 50 })).index, 1);
    await assert.rejects(s.expect("a", { timeout: 0 }), psup.TimedOut);
    await s.press("C-d");
    assert.equal((await s.expect(["never", psup.EOF])).index, 1);
    await assert.rejects(s.expect("more"), psup.Ended);
  }));

test("each gap is told once", () =>
  p.withSession(undefined, ["/bin/sh", "-c", "echo first; seq 1 200000; echo last"], async (s) => {
    await s.wait({ exit: true, timeout: "60s" });
    const ends = [0];
    const told = (error) => {
      assert.ok(error instanceof psup.Gap);
      const [begin, end] = /bytes (\d+) to (\d+)/.exec(error.message).slice(1).map(Number);
      assert.ok(ends.at(-1) <= begin && begin < end);
      ends.push(end);
    };
    let found;
    while (!found) found = await s.expect(["first", "last"]).catch(told);
    assert.equal(found.index, 1);
    assert.ok(ends.length > 1);
    assert.equal((await s.expect(psup.EOF)).index, 0);
  }, { log_limit: "64k" }));

test("a follower gets each byte once over connections that are lost", () =>
  p.withSession(undefined, ["/bin/sh", "-c", blocks], async (s) => {
    let [text, position, block] = ["", 0, 0];
    for await (const piece of s.read({ since: 0, follow: true })) {
      assert.deepEqual([piece.offset, piece.gap], [position, null]);
      position = piece.end;
      text += piece.text;
      if (text.endsWith(block === 0 ? "ready\r\n" : `${block}0000\r\n`)) {
        if (++block > 6) break;
        kill();
        // A question is asked until it is answered, over another connection.
        assert.ok(await p.has(s.id));
        await s.sendLine(`${block - 1}0001 ${block}0000`, { secret: true });
      } else {
        kill();
      }
    }
    assert.deepEqual(text.trim().split(/\s+/), ["ready", ...Array.from({ length: 60000 }, (_, n) => `${n + 1}`)]);
  }));

test("what types is not asked again, questions are", () =>
  p.withSession(undefined, ["cat"], async (s) => {
    const asked = p.ask(s.id, "something");
    for await (const event of p.events([], { since: 0 })) if (event.event === "person-asked" && event.id === s.id) break;
    const waited = s.wait({ text: "^found", timeout: "60s" });
    kill();
    await assert.rejects(asked, psup.ConnectionLost);
    await s.sendLine("found");
    assert.equal((await waited).verdict, "held");
  }));

test("an abort ends a request, and psup ends it, too", () =>
  p.withSession(undefined, ["cat"], async (s) => {
    const controller = new AbortController();
    const waits = [
      s.wait({ text: "never", abort: controller.signal }),
      s.expect("never", { abort: controller.signal }),
      (async () => { for await (const _ of s.events({ abort: controller.signal })); })(),
    ];
    setImmediate(() => controller.abort());
    for (const wait of waits) await assert.rejects(wait, { name: "AbortError" });
    while (p.openRequests > 0) await p.has(s.id);
    assert.ok(await s.isAlive());
  }));

test("hooks are told", () =>
  p.withSession("hooked", ["cat"], async (s) => {
    const hook = await p.hookAdd(["hooked", "match", "ready"], ["touch", join(dir, "ran")]);
    assert.equal((await p.hookList({ name: "hooked" })).length, 1);
    await s.sendLine("ready");
    for await (const event of s.events({ since: 0 })) if (event.event === "hook-delivered") break;
    assert.ok(existsSync(join(dir, "ran")));
    await p.hookRemove([], { number: hook.hook });
  }));

test("output split anywhere is the same text with the same offsets", () => {
  const data = Buffer.concat([
    Buffer.from("x\x1b[31mré\x1b(B\x1b]8;;http://é\x1b\\link\x1bP+q\x1b\\世🎉\x1b=e\x1b"),
    Buffer.from([0xff, 0xc3]),
  ]);
  const whole = new OutputBuffer(5);
  whole.feed(5, data);
  whole.finish();
  assert.equal(whole.text, "xrélink世🎉e\ufffd\ufffd");
  for (let size = 1; size < 8; size++) {
    const split = new OutputBuffer(5);
    for (let at = 0; at < data.length; at += size) {
      const from = Math.max(0, at - 3);
      split.feed(5 + from, data.subarray(from, at + size));
    }
    split.finish();
    assert.equal(split.text, whole.text);
    for (let length = 0; length <= whole.text.length; length++) assert.equal(split.offsetOf(length), whole.offsetOf(length));
    for (let length = 1; length < whole.text.length; length++) {
      const taken = new OutputBuffer(5);
      taken.feed(5, data);
      taken.finish();
      taken.take(length);
      assert.equal(taken.offsetOf(taken.text.length), whole.offsetOf(whole.text.length));
    }
  }
  assert.throws(() => new OutputBuffer(5).feed(6, new Uint8Array(1)), psup.Gap);
});

test("a program that has no request open ends by itself", () => {
  const script = `import { connect } from ${JSON.stringify(join(here, "../dist/index.js"))};
    const p = await connect({ dir: ${JSON.stringify(dir)} }); console.log((await p.status()).sessions_live);`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", timeout: 60_000 });
  assert.deepEqual([done.status, done.stdout.trim()], [0, "0"], done.stderr);
});

test("the examples of the README do what they say", () => {
  const readme = readFileSync(join(here, "../README.md"), "utf8");
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map((found) => found[1]);
  assert.ok(examples.length > 2);
  for (const example of examples) {
    const file = join(dir, "example.mjs");
    writeFileSync(file, example.replaceAll('"psup"', JSON.stringify(join(here, "../dist/index.js"))));
    const env = { ...process.env, PSUP_DIR: dir };
    const done = spawnSync(process.execPath, [file], { env, encoding: "utf8", timeout: 60_000 });
    assert.equal(done.status, 0, `${example}\n${done.stdout}${done.stderr}`);
  }
});

function schema() {
  return JSON.parse(execFileSync(process.env.PSUP_BIN, ["rpc", "--schema"], { encoding: "utf8" }));
}
