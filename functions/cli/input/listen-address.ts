import { UsageError } from "../../../lib/model/errors.ts";

/** Where to listen; without a host on every address. */
export type ListenAddress = { readonly host?: string; readonly port: number };

/** `:8080`, `8080`, `127.0.0.1:8080`, `[::1]:8080`. Port 0 lets the system choose. @throws UsageError for anything else. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw new UsageError(
      `--listen "${text}" is no address to listen on; write it like :8080 or 127.0.0.1:8080`,
    );
  const host = bracketed ?? plain ?? "";
  return host === "" ? { port } : { host, port };
}
