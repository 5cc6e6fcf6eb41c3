/** One thing that a layer objects to. */
export type Complaint = {
  /** The field as that layer names it; `<root>` for the object as a whole. */
  readonly field: string;
  readonly reason: string;
};
