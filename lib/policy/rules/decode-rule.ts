import {
  integerField,
  listField,
  optionalRecord,
  recordField,
  stringField,
  stringsField,
  type Decoder,
  type JsonRecord,
} from "../objects/decode-fields.ts";
import { decodePort, type Port } from "./port.ts";
import { decodeProtocol, type Protocol } from "./protocol.ts";

/** A rule as stored, with the types that Go gives it. Nothing is judged yet. */
export type Rule = {
  readonly action: string;
  readonly ipVersion: number | undefined;
  readonly protocol: Protocol | undefined;
  readonly notProtocol: Protocol | undefined;
  readonly icmp: IcmpFields | undefined;
  readonly notIcmp: IcmpFields | undefined;
  readonly source: RuleEnd;
  readonly destination: RuleEnd;
};
export type IcmpFields = { readonly type: number | undefined; readonly code: number | undefined };

/** The `source` or `destination` of a rule. */
export type RuleEnd = {
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
  readonly ports: readonly Port[];
  readonly notPorts: readonly Port[];
  readonly selector: string;
  readonly notSelector: string;
  readonly namespaceSelector: string;
  /** Present (even empty) when the rule names service accounts. */
  readonly serviceAccounts: { readonly names: readonly string[]; readonly selector: string } | undefined;
  readonly services: boolean;
};

/** Decodes a rule of any Calico policy kind; problems go to the decoder. Source: docs/calico.md 6. */
export function decodeRule(decoder: Decoder, raw: JsonRecord, path: string): Rule {
  return {
    action: stringField(decoder, raw, "action", path),
    ipVersion: integerField(decoder, raw, "ipVersion", path),
    protocol: protocolField(decoder, raw, "protocol", path),
    notProtocol: protocolField(decoder, raw, "notProtocol", path),
    icmp: icmpField(decoder, raw, "icmp", path),
    notIcmp: icmpField(decoder, raw, "notICMP", path),
    source: decodeEnd(decoder, recordField(decoder, raw, "source", path), `${path}.source`),
    destination: decodeEnd(decoder, recordField(decoder, raw, "destination", path), `${path}.destination`),
  };
}

function decodeEnd(decoder: Decoder, raw: JsonRecord, path: string): RuleEnd {
  const accounts = optionalRecord(decoder, raw, "serviceAccounts", path);
  return {
    nets: stringsField(decoder, raw, "nets", path),
    notNets: stringsField(decoder, raw, "notNets", path),
    ports: portsField(decoder, raw, "ports", path),
    notPorts: portsField(decoder, raw, "notPorts", path),
    selector: stringField(decoder, raw, "selector", path),
    notSelector: stringField(decoder, raw, "notSelector", path),
    namespaceSelector: stringField(decoder, raw, "namespaceSelector", path),
    serviceAccounts:
      accounts === undefined
        ? undefined
        : {
            names: stringsField(decoder, accounts, "names", `${path}.serviceAccounts`),
            selector: stringField(decoder, accounts, "selector", `${path}.serviceAccounts`),
          },
    services: optionalRecord(decoder, raw, "services", path) !== undefined,
  };
}

function portsField(decoder: Decoder, raw: JsonRecord, key: string, path: string): readonly Port[] {
  const ports: Port[] = [];
  for (const [index, value] of listField(decoder, raw, key, path).entries()) {
    const port = decodePort(value);
    if (port === "undecodable")
      decoder.problems.push(
        `${path}.${key}[${index}]: ${JSON.stringify(value)} is no port, range or port name`,
      );
    else ports.push(port);
  }
  return ports;
}

function protocolField(decoder: Decoder, raw: JsonRecord, key: string, path: string): Protocol | undefined {
  const value = raw[key];
  if (value === undefined || value === null) return undefined;
  const protocol = decodeProtocol(value);
  if (protocol !== "undecodable") return protocol;
  decoder.problems.push(
    `${path}.${key}: ${JSON.stringify(value)} is no protocol name and no number from 0 to 255`,
  );
  return undefined;
}

function icmpField(decoder: Decoder, raw: JsonRecord, key: string, path: string): IcmpFields | undefined {
  const value = optionalRecord(decoder, raw, key, path);
  if (value === undefined) return undefined;
  return {
    type: integerField(decoder, value, "type", `${path}.${key}`),
    code: integerField(decoder, value, "code", `${path}.${key}`),
  };
}
