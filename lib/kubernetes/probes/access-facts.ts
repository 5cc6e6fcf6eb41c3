/** What `doctor` asks an API server about itself and about us. Access reviews are POSTed, but store nothing. */
import { NotFoundError, UnreachableError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { type ApiRequest, pathRequest, resourceRequest } from "../requests/api-request.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringsAt } from "../../model/read-json.ts";
import type { Transport } from "../connection/transport.ts";

export type ServerVersion = { readonly gitVersion: string; readonly platform: string };
export type Identity = { readonly user: string; readonly groups: readonly string[] };
export type Permission = {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
};
export type PermissionAnswer = { readonly allowed: boolean; readonly reason: string };
export type GrantedRule = {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: all names. */
  readonly names: readonly string[];
};
/** `complete` is false when the authorizer cannot list its rules (a webhook); then ask one permission at a time. */
export type GrantedRules = { readonly rules: readonly GrantedRule[]; readonly complete: boolean };

export interface AccessReader {
  /** `/version` */
  version(signal: AbortSignal): Promise<ServerVersion>;
  /** Who the server thinks we are (SelfSubjectReview); undefined when it is too old to say. */
  whoAmI(signal: AbortSignal): Promise<Identity | undefined>;
  /** SelfSubjectAccessReview. */
  may(permission: Permission, signal: AbortSignal): Promise<PermissionAnswer>;
  /** SelfSubjectRulesReview: what we may do in a namespace, cluster-wide grants included. */
  rules(namespace: string, signal: AbortSignal): Promise<GrantedRules>;
}

export function createAccessReader(transport: Transport): AccessReader {
  return {
    version: async (signal) => {
      const answer = await transport.send(pathRequest("/version"), signal);
      const gitVersion = stringAt(answer, "gitVersion");
      if (gitVersion === undefined)
        throw new UnreachableError(
          "get /version: the answer has no gitVersion; is this a Kubernetes API server?",
          "protocol",
        );
      return { gitVersion, platform: stringAt(answer, "platform") ?? "" };
    },

    whoAmI: async (signal) => {
      const request = review("authentication.k8s.io/v1", "selfsubjectreviews", "SelfSubjectReview", {});
      try {
        const user = objectAt(objectAt(await transport.send(request, signal), "status"), "userInfo");
        return { user: stringAt(user, "username") ?? "", groups: stringsAt(user, "groups") };
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },

    may: async (permission, signal) => {
      const spec = { resourceAttributes: permission };
      const answer = await transport.send(
        review("authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", spec),
        signal,
      );
      const status = objectAt(answer, "status");
      return { allowed: status["allowed"] === true, reason: stringAt(status, "reason") ?? "" };
    },

    rules: async (namespace, signal) => {
      const answer = await transport.send(
        review("authorization.k8s.io/v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", { namespace }),
        signal,
      );
      const status = objectAt(answer, "status");
      return {
        rules: arrayAt(status, "resourceRules").filter(isJsonObject).map(readRule),
        complete: status["incomplete"] !== true,
      };
    },
  };
}

function review(groupVersion: string, resource: string, kind: string, spec: object): ApiRequest {
  const body = { apiVersion: groupVersion, kind, spec };
  return { ...resourceRequest("create", { groupVersion, resource }, { body }), repeatable: true };
}

function readRule(rule: JsonObject): GrantedRule {
  return {
    verbs: stringsAt(rule, "verbs"),
    groups: stringsAt(rule, "apiGroups"),
    resources: stringsAt(rule, "resources"),
    names: stringsAt(rule, "resourceNames"),
  };
}
