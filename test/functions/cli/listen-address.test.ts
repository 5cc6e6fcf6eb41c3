import { expect, test } from "@jest/globals";
import { UsageError } from "../../../lib/model/errors.ts";
import { parseListenAddress } from "../../../functions/cli/input/listen-address.ts";

test.each([
  [":8080", { port: 8080 }],
  ["8080", { port: 8080 }],
  ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["[::1]:9090", { host: "::1", port: 9090 }],
  ["localhost:65535", { host: "localhost", port: 65535 }],
])("%s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test.each(["", ":", "host", "::1:80", ":65536", ":-1", "http://a:80", "a b:80", ":8080x", "[::1]80"])(
  'no address: "%s"',
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(UsageError);
    expect(() => parseListenAddress(text)).toThrow(/write it like :8080/);
  },
);
