/** Relative to the network interface that the packet was seen at. */
export const direction = { ingress: 0, egress: 1 } as const;
export type Direction = (typeof direction)[keyof typeof direction];

/** Who started the conversation, seen from the network interface; `unknown` prints as `-`. */
export const initiator = { unknown: 0, local: 1, peer: 2 } as const;
export type Initiator = (typeof initiator)[keyof typeof initiator];
