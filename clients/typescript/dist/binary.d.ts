/** The path of the binary; throws `Unreachable` where there is none. */
export declare function findBinary(binary?: string): string;
