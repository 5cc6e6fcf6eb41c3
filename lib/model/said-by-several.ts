/**
 * True when more nodes say something than one that lies could make up: two of them, or half where there are only two or one.
 * What a node says of itself may add something to the node, and to the cluster only with another one's word.
 *
 * @param saying how many say so
 * @param all how many there are
 */
export function isSaidBySeveral(saying: number, all: number): boolean {
  return saying >= 2 || (saying === 1 && all <= 2);
}
