import { parseAddress } from "../../address/parse-address.ts";
import type { EndpointFields } from "../world/endpoint.ts";
import { isKubernetesPortName } from "../rules/port.ts";
import type { Complaint } from "./check-schema.ts";
import { isSubdomain } from "./check-metadata.ts";
import { isExactProtocol, supportsPorts } from "./validate-protocol.ts";
import { isJsonObject } from "../../model/read-json.ts";

const INTERFACE = /^(\*|[a-zA-Z0-9_.-]{1,15})$/;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A HostEndpoint by Calico's own validator (calicoctl, aggregated API server). Source: docs/calico.md 17.1, 0 items 5 and 7. */
export function validateEndpoint(fields: EndpointFields): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (field: string, reason: string): void => void complaints.push({ field, reason });
  if (fields.node !== "" && !isSubdomain(fields.node)) complain("Node", "must be a lower-case DNS subdomain");
  if (fields.interfaceName !== "" && !INTERFACE.test(fields.interfaceName))
    complain("InterfaceName", "must be * or an interface name");
  for (const [index, text] of fields.expectedIPs.entries()) {
    if (parseAddress(text) === undefined)
      complain(`ExpectedIPs[${index}]`, `${JSON.stringify(text)} is no IP address`);
  }
  for (const [index, name] of fields.profiles.entries()) {
    if (!NAME.test(name)) complain(`Profiles[${index}]`, `${JSON.stringify(name)} is no profile name`);
  }
  for (const port of fields.ports) {
    const { name, port: number, protocol } = isJsonObject(port) ? port : {};
    if (typeof name !== "string" || !isKubernetesPortName(name))
      complain("Name", "must be a Kubernetes port name");
    if (typeof number !== "number" || number === 0) complain("Port", "must be from 1 to 65535");
    if (!isExactProtocol(protocol))
      complain("Protocol", "is no protocol name in Calico's spelling, and no number from 1 to 255");
    if (!supportsPorts(protocol)) complain("EndpointPort.Protocol", "must be TCP, UDP or SCTP");
  }
  return complaints;
}
