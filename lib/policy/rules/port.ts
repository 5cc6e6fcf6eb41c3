import type { JsonValue } from "../../model/kubernetes-object.ts";

/** A port of a rule: a closed range, or the name of a port that endpoints define. */
export type Port =
  | { readonly kind: "range"; readonly first: number; readonly last: number }
  | { readonly kind: "name"; readonly name: string };

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const MAXIMUM_PORT = 65_535;

/**
 * Decodes one entry of a rule's `ports`. `undecodable` makes Felix unable to read any policy of that kind.
 * Source: docs/calico.md 17.2, 0 items 6 and 11 (`80-90` is a name, `90:80`, `80:` and the empty string cannot be read).
 */
export function decodePort(value: JsonValue): Port | "undecodable" {
  if (value === null) return { kind: "range", first: 0, last: 0 };
  if (typeof value === "number") return range(value, value);
  if (typeof value !== "string") return "undecodable";
  if (/^[0-9]+$/.test(value)) return range(Number(value), Number(value));
  const [, first, last] = /^([0-9]+):([0-9]+)$/.exec(value) ?? [];
  if (first !== undefined && last !== undefined) return range(Number(first), Number(last));
  return NAME.test(value) ? { kind: "name", name: value } : "undecodable";
}

function range(first: number, last: number): Port | "undecodable" {
  const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= MAXIMUM_PORT;
  return isPort(first) && isPort(last) && first <= last ? { kind: "range", first, last } : "undecodable";
}

/** True for a name that Kubernetes accepts for a port: lower case, digits and dashes, a letter, at most 15 characters. */
export function isKubernetesPortName(name: string): boolean {
  return (
    name.length <= 15 &&
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) &&
    /[a-z]/.test(name) &&
    !name.includes("--")
  );
}

/** A port of an endpoint that has a name. */
export type NamedPort = { readonly name: string; readonly protocol: number; readonly port: number };
