// The little of Node that the client uses, so that building it needs nothing but TypeScript.

declare module "node:child_process" {
  export interface ChildProcess {
    readonly pid?: number;
    readonly exitCode: number | null;
    readonly signalCode: string | null;
    readonly stdin: Writable;
    readonly stdout: Readable;
    readonly stderr: Readable;
    kill(signal?: string): boolean;
    ref(): void;
    unref(): void;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: "close", listener: (code: number | null, signal: string | null) => void): this;
  }
  export interface Writable {
    write(data: string): boolean;
    end(): void;
    on(event: "error", listener: (error: Error) => void): this;
    ref?(): void;
    unref?(): void;
  }
  export interface Readable {
    on(event: "data", listener: (data: Uint8Array) => void): this;
    ref?(): void;
    unref?(): void;
  }
  export function spawn(
    command: string,
    args: readonly string[],
    options: { stdio: readonly string[]; env?: Record<string, string | undefined>; detached?: boolean },
  ): ChildProcess;
}

declare module "node:fs" {
  export const constants: { readonly X_OK: number };
  export function accessSync(path: string, mode?: number): void;
}

declare module "node:module" {
  export function createRequire(url: string): { resolve(name: string): string };
}

declare module "node:path" {
  export const delimiter: string;
  export function join(...parts: string[]): string;
  export function basename(path: string): string;
}

declare module "node:crypto" {
  export function randomBytes(count: number): { toString(encoding: "hex"): string };
}

declare const process: {
  readonly env: Record<string, string | undefined>;
  readonly platform: string;
  readonly arch: string;
};

declare const Buffer: {
  from(text: string, encoding: "base64"): Uint8Array;
  byteLength(text: string): number;
};
