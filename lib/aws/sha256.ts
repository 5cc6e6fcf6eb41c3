import { createHash, createHmac } from "node:crypto";
import type { SignatureV4 } from "@smithy/signature-v4";

type HashConstructor = ConstructorParameters<typeof SignatureV4>[0]["sha256"];

/** What the signer feeds to a hash. */
type SourceData = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256, or HMAC-SHA-256 when made with a secret. The signer calls it with `new`, as its interface says; a function that
 * returns an object serves that as well as a class, but the type system knows no way to write it without the assertion.
 */
export const Sha256 = function (secret?: SourceData) {
  const hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  return {
    update: (data: Uint8Array) => {
      hash.update(data);
    },
    digest: () => Promise.resolve(new Uint8Array(hash.digest())),
  };
} as unknown as HashConstructor;

function bytesOf(data: SourceData): string | Uint8Array {
  if (typeof data === "string") return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
