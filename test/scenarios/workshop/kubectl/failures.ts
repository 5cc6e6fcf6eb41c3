/** kubectl would have said this, and exited with 1. */
export class FailedRequest extends Error {
  override readonly name = "FailedRequest";
}

/** kubectl may know this; its stand-in does not, and must not look as if it did. */
export class UnknownToStandIn extends Error {
  override readonly name = "UnknownToStandIn";
}
