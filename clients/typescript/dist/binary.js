// Where the psup binary is: an option, `PSUP_BIN`, the package of this platform, or the `PATH`.
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { Unreachable } from "./errors.js";
/** The path of the binary; throws `Unreachable` where there is none. */
export function findBinary(binary) {
    const named = binary ?? process.env["PSUP_BIN"];
    if (named) {
        const found = named.includes("/") ? executable(named) : inPath(named);
        if (found)
            return found;
        throw new Unreachable("unreachable", `there is no program ${named}`, "`PSUP_BIN` names the psup binary");
    }
    const found = packaged() ?? inPath("psup");
    if (found)
        return found;
    throw new Unreachable("unreachable", "psup is not in PATH", "`npm install psup`, or set PSUP_BIN");
}
/** The binary that an optional dependency of this package holds. */
function packaged() {
    try {
        return createRequire(import.meta.url).resolve(`psup-${process.platform}-${process.arch}/bin/psup`);
    }
    catch {
        return undefined;
    }
}
function inPath(name) {
    for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
        const found = executable(join(directory || ".", name));
        if (found)
            return found;
    }
    return undefined;
}
function executable(path) {
    try {
        accessSync(path, constants.X_OK);
        return path;
    }
    catch {
        return undefined;
    }
}
