/** The two homes of Calico's objects in a Kubernetes datastore; one of them is in force (docs/calico.md 1.1). */
export const CALICO_V1 = "crd.projectcalico.org/v1";
export const CALICO_V3 = "projectcalico.org/v3";
export type CalicoGroup = typeof CALICO_V1 | typeof CALICO_V3;
