import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  BUNDLE_LIMIT_BYTES,
  bundleFunction,
  FUNCTION_NAMES,
  packagesIn,
  type Bundle,
} from "../../functions/local/bundle.ts";
import { serveLoopback } from "../fakes/serve-loopback.ts";
import { createTestCertificates } from "../fakes/test-certificates.ts";
import { CLUSTER } from "./function-world.ts";

let outDir: string;
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), "bundle-"));
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

describe.each(FUNCTION_NAMES)("the bundle of %s", (name) => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleFunction(name, outDir);
  });

  test("is one file with its source map, under its bound", () => {
    expect(readdirSync(bundle.folder).sort()).toEqual(["index.mjs", "index.mjs.map"]);
    expect(bundle.bytes).toBeLessThan(BUNDLE_LIMIT_BYTES);
    expect(readFileSync(bundle.file, "utf8")).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
  });

  test("asks nobody for a call stack while it loads: with source maps on, that reads the whole map", () => {
    expect(readFileSync(bundle.file, "utf8")).not.toContain("getCallSites");
  });

  test("carries no client library of Kubernetes and no test", () => {
    const packages = packagesIn(bundle.metafile).map(([packageName]) => packageName);
    expect(packages).not.toContain("@kubernetes/client-node");
    expect(Object.keys(bundle.metafile.inputs).filter((it) => it.startsWith("test/"))).toEqual([]);
  });
});

test("what is bundled runs: it signs, asks EKS, and talks to the API server over its own connection", async () => {
  const { folder } = await bundleFunction("reconcile", join(outDir, "running"));
  writeFileSync(join(folder, "settings.json"), JSON.stringify({ cluster: CLUSTER }));
  const authorizations: string[] = [];
  const { ca, server } = createTestCertificates();
  // By TLS: nobody's credentials are sent in clear.
  await using apiServer = await serveLoopback((request, response) => {
    authorizations.push(request.headers.authorization ?? "");
    response.writeHead(401, { "content-type": "application/json" }).end('{"kind":"Status","code":401}');
  }, server);
  const described = {
    cluster: {
      endpoint: apiServer.url,
      certificateAuthority: { data: Buffer.from(ca.certificate).toString("base64") },
    },
  };
  await using eks = await serveLoopback((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(described));
  });
  const script = `
    const { handler } = await import(process.argv[1]);
    const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 20_000 };
    await handler({ action: "plan" }, context).catch((error) => process.stdout.write(error.name + ": " + error.message));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", script, join(folder, "index.mjs")],
    {
      env: {
        AWS_ENDPOINT_URL_EKS: eks.url,
        AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
        AWS_SECRET_ACCESS_KEY: "secret",
      },
    },
  );
  expect(stdout).toContain("DeniedError: ");
  expect(stdout).toContain("access entry");
  // The second one is signed anew.
  expect(authorizations).toEqual([
    expect.stringMatching(/^Bearer k8s-aws-v1\./),
    expect.stringMatching(/^Bearer k8s-aws-v1\./),
  ]);
});

test("the same sources make the same bytes: an asset changes only when the code does", async () => {
  const [one, other] = [
    await bundleFunction("release", join(outDir, "1")),
    await bundleFunction("release", join(outDir, "2")),
  ];
  expect(readFileSync(one.file).equals(readFileSync(other.file))).toBe(true);
});
