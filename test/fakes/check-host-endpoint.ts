import { InvalidError } from "../../lib/model/errors.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { stringAt, stringsAt } from "../../lib/model/read-json.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** What the API server itself refuses: names, native labels, and the rules in Calico's CRD (docs/calico.md 17.1, layer a). */
export function checkHostEndpoint(object: KubernetesObject): void {
  const { name, labels = {} } = object.metadata;
  const spec = object.spec ?? {};
  const refuse = (what: string) =>
    new InvalidError(`hostendpoints "${name}": refused as it is (422): ${what}`);
  if (name.length > 253 || !subdomain.test(name)) throw refuse("metadata.name");
  for (const [key, value] of Object.entries(labels))
    if (!labelKey.test(key) || !labelValue.test(value)) throw refuse(`metadata.labels ${key}`);
  const node = stringAt(spec, "node") ?? "";
  const interfaceName = stringAt(spec, "interfaceName") ?? "";
  if (node === "") throw refuse("node must be specified");
  if (node.length > 253) throw refuse("spec.node is too long");
  if (interfaceName.length > 15) throw refuse("spec.interfaceName is too long");
  if (interfaceName === "" && stringsAt(spec, "expectedIPs").length === 0)
    throw refuse("at least one of interfaceName or expectedIPs must be specified");
  for (const field of ["expectedIPs", "profiles"] as const) {
    const values = stringsAt(spec, field);
    if (new Set(values).size !== values.length) throw refuse(`spec.${field} holds a duplicate`);
  }
}
