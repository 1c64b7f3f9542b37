/** Who owns an address: asked by rules that name a security group instead of an address range. */
export interface PeerFinder {
  /**
   * The number of the interface that owns the address, as the interface `index` sees it (its own VPC, then peered
   * ones), or -1. Words as in `IpAddress`. Called while a packet is judged: it must not allocate.
   */
  findPeer(index: number, family: number, w0: number, w1: number, w2: number, w3: number): number;
}
