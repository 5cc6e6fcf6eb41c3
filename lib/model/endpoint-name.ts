/** Name of the HostEndpoint that a template gives a node: the pattern with `{node}` filled in. */
export function endpointName(pattern: string, node: string): string {
  return pattern.replaceAll("{node}", node);
}
