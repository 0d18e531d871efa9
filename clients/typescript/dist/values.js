// Parameters of JavaScript as `psup rpc` takes them, and results as JavaScript gives them.
import { DURATIONS, PARAMETERS } from "./generated.js";
/** Text that is longer, or that could be taken for a flag, goes by stdin. */
const LONGEST_ARGUMENT = 100_000;
/** What was given, without what was not; a name that the method does not have is a mistake. */
export function parameters(method, given) {
    const known = PARAMETERS[method];
    const made = {};
    for (const [name, value] of Object.entries(given)) {
        if (name === "abort")
            continue;
        if (known && !known.includes(name))
            throw new TypeError(`${method} has no parameter ${name}`);
        if (value !== undefined && value !== null && value !== false)
            made[name] = valueOf(name, value);
    }
    return made;
}
function valueOf(name, value) {
    if (value instanceof Date)
        return value.toISOString();
    if (typeof value === "number")
        return DURATIONS.has(name) ? `${Math.max(0, Math.round(value))}ms` : value;
    if (Array.isArray(value))
        return value.map((one) => valueOf(name, one));
    return value;
}
/** Puts what is to be typed where it is typed as it is, whatever it is. */
export function inputOf(params, input) {
    if (input === undefined)
        return;
    if (typeof input === "string") {
        if (input === "")
            return;
        const isPlain = !input.startsWith("-") && !input.includes("\0") && input.length < LONGEST_ARGUMENT / 3;
        if (isPlain)
            params["text"] = input;
        else
            Object.assign(params, { file: "-", stdin: input });
        return;
    }
    const hex = Array.from(input, (byte) => byte.toString(16).padStart(2, "0")).join("");
    params["raw_hex"] = hex.match(new RegExp(`.{1,${LONGEST_ARGUMENT}}`, "g")) ?? [];
}
/** Milliseconds of a duration that this program itself waits for. */
export function milliseconds(duration) {
    if (typeof duration === "number")
        return duration;
    const found = /^([\d.]+)(ms|s|m|h|d)$/.exec(duration);
    if (!found)
        throw new TypeError(`a duration has a unit: ${duration}`);
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    return Number(found[1]) * (units[found[2] ?? ""] ?? 1);
}
/** The bytes of an object with `text` or `base64`. */
export function bytesOf(item) {
    if (typeof item.text === "string")
        return new TextEncoder().encode(item.text);
    return Buffer.from(item.base64 ?? "", "base64");
}
export function concat(parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}
export function textOf(bytes) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
/** An object of `read` as a piece. */
export function pieceOf(item) {
    const nothing = { bytes: new Uint8Array(0), text: "", gap: null, leftOut: null };
    if (item.gap)
        return { ...nothing, offset: item.gap.from, end: item.gap.to, gap: item.gap.reason };
    if (item.left_out)
        return { ...nothing, offset: item.left_out.from, end: null, leftOut: item.left_out.lines };
    const bytes = bytesOf(item);
    return { ...nothing, offset: item.from, end: item.next ?? null, bytes, text: textOf(bytes) };
}
export function execResultOf(item, parts) {
    const bytes = concat([...parts, bytesOf(item)]);
    return {
        ran: item.ran,
        code: item.code,
        output: textOf(bytes),
        bytes,
        via: item.via,
        offset: item.from,
        end: item.to,
        leftOut: item.left_out,
        doing: item.doing ?? null,
    };
}
