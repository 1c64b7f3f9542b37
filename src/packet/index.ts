/**
 * From captured bytes to one reused packet view: link layers, IPv4, IPv6 and its extension headers, transport ports,
 * fragments. Pure and hot: no I/O, no clock, nothing thrown; what cannot be read is an outcome code that gets counted.
 * It does not know whose packet it is, nor whether it may pass.
 */
export { decodeFrame } from './decode-frame.ts';
export { decodeOutcome, outcomeReason } from './decode-outcome.ts';

export { FrameBatch, linkType } from './frame-batch.ts';
export { fragment, PacketView, tcpFlag } from './packet-view.ts';
