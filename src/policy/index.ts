/**
 * What the rules say: security groups, network ACLs and connection tracking turn a packet, seen at a network interface
 * in one direction, into a verdict and its cause. Groups are stateful and allow only; ACLs are stateless, ordered, and
 * not asked within a subnet. This room does not know who owns an address (it asks a `PeerFinder`), what AWS leaves out
 * of flow logs, or what a flow is; and it enforces nothing.
 */

export { VerdictEngine } from './verdict-engine.ts';
