import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditPolicy } from "./audit-policy.ts";
import type { ServerFiles } from "./server-arguments.ts";
import { tokenFile, type UserWithToken } from "./users.ts";

/** Writes what kube-apiserver reads at its start into `folder`. What is secret is readable by its owner only. */
export async function writeServerFiles(
  folder: string,
  port: number,
  users: readonly UserWithToken[],
  tokenWebhook: string | undefined,
): Promise<ServerFiles> {
  const files: ServerFiles = {
    folder,
    port,
    certificateFile: join(folder, "apiserver.crt"),
    tokenFile: join(folder, "tokens.csv"),
    auditPolicyFile: join(folder, "audit-policy.yaml"),
    auditLogFile: join(folder, "audit.log"),
    serviceAccountKeyFile: join(folder, "service-account.pem"),
    tokenWebhookFile: tokenWebhook === undefined ? undefined : join(folder, "token-webhook.yaml"),
  };
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "sec1", format: "pem" });
  await writeFile(files.tokenFile, tokenFile(users), { mode: 0o600 });
  await writeFile(files.serviceAccountKeyFile, key, { mode: 0o600 });
  await writeFile(files.auditPolicyFile, auditPolicy());
  await writeFile(files.auditLogFile, "");
  if (files.tokenWebhookFile !== undefined) await writeFile(files.tokenWebhookFile, tokenWebhook ?? "");
  return files;
}
