/**
 * What an earlier look at the whole cluster taught of its Nodes' names. Only a hint of where to look: the provider id decides.
 */
export interface NodeNames {
  /** Name of the Node (or of the endpoint's Node) that bears this instance's provider id. */
  nameOf(instanceId: string): string | undefined;
  /** True when every Node that was seen is called as EC2 calls its machine, so that a name can be told from DescribeInstances. */
  arePredictable(): boolean;
}
