import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeChangedHostEndpoint, encodeNewHostEndpoint } from "../../../lib/kubernetes/objects/codec.ts";
import { decodeHostEndpoint } from "../../../lib/model/read-host-endpoint.ts";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { aDesiredHostEndpoint, aHostEndpoint, aHostEndpointObject } from "../../builders/a-host-endpoint.ts";

const key = fc.constantFrom(
  "tier",
  "role",
  "zone",
  "projectcalico.org/keep",
  "operator.tigera.io/x",
  "hostendpoint-reconciler/owner",
  "a.b/c",
);
const labels = fc.dictionary(key, fc.stringMatching(/^[A-Za-z0-9._-]{0,10}$/), { maxKeys: 5 });
const ownAnnotations = fc.dictionary(
  fc.constantFrom(
    "hostendpoint-reconciler/node-uid",
    "hostendpoint-reconciler/provider-id",
    "hostendpoint-reconciler/rollout",
  ),
  fc.string(),
);
const foreignAnnotations = fc.dictionary(
  fc.constantFrom("example.com/note", "projectcalico.org/other", "plain"),
  fc.string(),
);
const group = fc.constantFrom(CALICO_V1, CALICO_V3);
const desired: fc.Arbitrary<DesiredHostEndpoint> = fc.record({
  name: fc.constant("n1"),
  node: fc.constantFrom("n1", "n2"),
  interfaceName: fc.constantFrom("", "*", "eth0"),
  expectedIPs: fc.uniqueArray(fc.ipV4()),
  profiles: fc.uniqueArray(fc.constantFrom("projectcalico-default-allow", "p2")),
  labels,
  annotations: ownAnnotations,
});

/** The parts of a HostEndpoint that a `DesiredHostEndpoint` speaks of. */
function owned(endpoint: HostEndpoint): DesiredHostEndpoint {
  const { name, node, interfaceName, expectedIPs, profiles, labels: all, annotations } = endpoint;
  const ours = Object.entries(annotations).filter(([it]) => it.startsWith("hostendpoint-reconciler/"));
  return {
    name,
    node,
    interfaceName,
    expectedIPs,
    profiles,
    labels: all,
    annotations: Object.fromEntries(ours),
  };
}

describe("the codec", () => {
  test("what is created is read back as it was meant, in both dialects", () => {
    fc.assert(
      fc.property(group, desired, (dialect, wanted) => {
        expect(owned(decodeHostEndpoint(dialect, encodeNewHostEndpoint(dialect, wanted)))).toEqual(wanted);
      }),
    );
  });

  test("what is updated is read back as it was meant, whatever was there, in both dialects and both label homes", () => {
    const before = fc.record({
      group,
      labelHome: fc.constantFrom("native" as const, "annotation" as const),
      labels,
      annotations: fc.oneof(foreignAnnotations, ownAnnotations),
    });
    fc.assert(
      fc.property(before, labels, desired, (sketch, nativeLabels, wanted) => {
        const raw = aHostEndpointObject({
          ...sketch,
          name: "n1",
          ports: [{ name: "a", port: 1, protocol: "TCP" }],
        });
        // A native label beside the annotation: somebody used kubectl label after calicoctl.
        const both = {
          ...raw,
          metadata: { ...raw.metadata, labels: { ...raw.metadata.labels, ...nativeLabels } },
        };
        const observed = decodeHostEndpoint(sketch.group, both);
        const changed = decodeHostEndpoint(
          sketch.group,
          encodeChangedHostEndpoint(sketch.group, observed, wanted),
        );
        expect(owned(changed)).toEqual(wanted);
        expect(changed.ports).toEqual(observed.ports);
        expect(foreign(changed)).toEqual(foreign(observed));
        // And a second time changes nothing.
        expect(encodeChangedHostEndpoint(sketch.group, changed, wanted)).toEqual(changed.raw);
      }),
    );
  });

  test("the annotation wins over native labels, key by key (docs/calico.md 22, example 23)", () => {
    const object = withMetadata('{"labels":{"role":"web"},"annotations":{"a":"inner"}}', {
      role: "db",
      other: "native",
    });
    const endpoint = decodeHostEndpoint(CALICO_V1, object);
    expect(endpoint.labels).toEqual({ role: "web", other: "native" });
    expect(endpoint.annotations).toMatchObject({ a: "inner" });
    expect(endpoint.annotations).not.toHaveProperty([CALICO_METADATA_ANNOTATION]);
  });

  test("the name inside the annotation is the one that Felix compares by", () => {
    expect(decodeHostEndpoint(CALICO_V1, withMetadata('{"name":"aaa"}')).calicoName).toBe("aaa");
    expect(decodeHostEndpoint(CALICO_V1, withMetadata('{"name":""}')).calicoName).toBe("n1");
    expect(decodeHostEndpoint(CALICO_V1, withMetadata("null")).calicoName).toBe("n1");
  });

  test.each([
    "{",
    "[]",
    "7",
    '"text"',
    '{"labels":{"a":1}}',
    '{"labels":[]}',
    '{"name":7}',
    '{"annotations":"x"}',
  ])(
    "an annotation that Calico cannot read (%s): the object is nobody's, and an update on purpose mends it",
    (text) => {
      const observed = decodeHostEndpoint(
        CALICO_V1,
        withMetadata(text, { "hostendpoint-reconciler/owner": "us" }),
      );
      expect(observed.labels).toEqual({});
      const wanted = aDesiredHostEndpoint({ name: "n1" });
      const mended = decodeHostEndpoint(CALICO_V1, encodeChangedHostEndpoint(CALICO_V1, observed, wanted));
      expect(owned(mended)).toEqual(wanted);
    },
  );

  test("in v3 the annotation is an annotation like any other", () => {
    const endpoint = decodeHostEndpoint(
      CALICO_V3,
      withMetadata('{"name":"aaa","labels":{"role":"web"}}', { role: "db" }),
    );
    expect(endpoint.labels).toEqual({ role: "db" });
    expect(endpoint.calicoName).toBe("n1");
    const changed = encodeChangedHostEndpoint(CALICO_V3, endpoint, aDesiredHostEndpoint({ name: "n1" }));
    expect(changed.metadata.annotations?.[CALICO_METADATA_ANNOTATION]).toBe(
      '{"name":"aaa","labels":{"role":"web"}}',
    );
  });

  test("the rest of the annotation survives an update", () => {
    const observed = decodeHostEndpoint(
      CALICO_V1,
      withMetadata('{"name":"x","finalizers":["f"],"labels":{"a":"b"},"annotations":{"theirs":"1"}}'),
    );
    const changed = encodeChangedHostEndpoint(
      CALICO_V1,
      observed,
      aDesiredHostEndpoint({ name: "n1", owner: null, labels: { c: "d" } }),
    );
    expect(JSON.parse(changed.metadata.annotations?.[CALICO_METADATA_ANNOTATION] ?? "")).toEqual({
      name: "x",
      finalizers: ["f"],
      labels: { c: "d" },
      annotations: { theirs: "1" },
    });
  });

  test("empty values are left out of what is written, unknown fields of the spec are kept", () => {
    const raw = aHostEndpointObject({ name: "n1" });
    const observed = decodeHostEndpoint(CALICO_V1, { ...raw, spec: { ...raw.spec, future: { field: 1 } } });
    const changed = encodeChangedHostEndpoint(
      CALICO_V1,
      observed,
      aDesiredHostEndpoint({ name: "n1", interfaceName: "", expectedIPs: ["10.0.0.1"], profiles: [] }),
    );
    expect(changed.spec).toEqual({ future: { field: 1 }, node: "n1", expectedIPs: ["10.0.0.1"] });
  });

  test("garbage in fields that we read is left out, not trusted", () => {
    const raw = aHostEndpointObject({ name: "n1" });
    const odd = decodeHostEndpoint(CALICO_V1, {
      ...raw,
      spec: { node: 7, interfaceName: null, expectedIPs: ["10.0.0.1", 7], profiles: "x" },
    });
    expect(odd).toMatchObject({
      node: "",
      interfaceName: "",
      expectedIPs: ["10.0.0.1"],
      profiles: [],
      ports: [],
    });
  });
});

test("the builders agree: a model value is what the codec reads from the object of the same sketch", () => {
  expect(owned(aHostEndpoint({ name: "n1", labelHome: "annotation" }))).toEqual(
    aDesiredHostEndpoint({ name: "n1" }),
  );
});

function foreign(endpoint: HostEndpoint) {
  return Object.fromEntries(
    Object.entries(endpoint.annotations).filter(([it]) => !it.startsWith("hostendpoint-reconciler/")),
  );
}

function withMetadata(text: string, native: Record<string, string> = {}) {
  const raw = aHostEndpointObject({
    name: "n1",
    owner: null,
    labels: {},
    annotations: { [CALICO_METADATA_ANNOTATION]: text },
  });
  return { ...raw, metadata: { ...raw.metadata, labels: native } };
}
