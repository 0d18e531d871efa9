// What psup prints, as types. Made by clients/generate: do not edit.
export {};
