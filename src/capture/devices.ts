import { release } from 'node:os';
import { formatIpv4, formatIpv6 } from '../ip/index.ts';
import { formatMac } from './format-mac.ts';
import { frameLinkType, hardwareType, knownHardwareType } from './hardware-type.ts';
import {
  dumpNetlink,
  type NetlinkMessage,
  netlinkMessage,
  netlinkRequest,
  parseAttributes,
  readText,
  readUint16,
  readUint32,
} from './netlink.ts';
import { askPermanentMac } from './permanent-mac.ts';

/** A network device of this network namespace. */
export interface Device {
  readonly name: string;
  /** The kernel's number of the device; a device that is made anew gets another. */
  readonly index: number;
  /** Ethernet only, as `02:00:5e:10:00:01`. */
  readonly macAddress?: string;
  /** The address that the hardware came with, whatever it was changed to; absent for a device without hardware. */
  readonly permanentMac?: string;
  /** Link type of its frames: Ethernet, or raw IP for tunnels and point-to-point links. */
  readonly linkType: number;
  /** IPv4 before IPv6, each in the kernel's order: the primary address first. */
  readonly addresses: readonly DeviceAddress[];
  /** Why the device is not captured unless it is asked for. */
  readonly notCaptured?: NotCaptured;
  /** VLAN ids of the 802.1Q sub-interfaces on it: frames with these tags are theirs. Ascending. */
  readonly vlanIds: readonly number[];
}

export interface DeviceAddress {
  readonly address: string;
  readonly prefixLength: number;
}

export type NotCaptured =
  | 'loopback'
  | 'bridge port or bond slave'
  | 'down'
  | 'unsupported link'
  | 'no address';

// linux/if.h, linux/if_link.h, linux/if_addr.h, linux/if_vlan.h
const flagUp = 0x1;
const flagLoopback = 0x8;
const flagPointToPoint = 0x10;
const linkHeaderBytes = 16;
const linkAttribute = { address: 1, name: 3, link: 5, master: 10, info: 18, permanentAddress: 54 } as const;
const infoAttribute = { kind: 1, data: 2, slaveKind: 4 } as const;
const vlanIdAttribute = 1;
const addressHeaderBytes = 8;
const addressAttribute = { address: 1, local: 2 } as const;
const afInet = 2;
const afInet6 = 10;
/** The first kernel that lists permanent addresses (IFLA_PERM_ADDRESS). */
const permanentListedSince = [5, 6] as const;

/**
 * All devices of this network namespace, in the order of their numbers. Needs no privilege, costs two short dialogues
 * with the kernel. Throws `ConfigError`: `CaptureUnsupported`, `DeviceList`.
 */
export function listDevices(): Device[] {
  const devices = readDevices([
    ...dumpNetlink(netlinkRequest.links),
    ...dumpNetlink(netlinkRequest.addresses),
  ]);
  return listsPermanentMacs(release()) ? devices : devices.map(withPermanentMac);
}

function withPermanentMac(device: Device): Device {
  if (device.macAddress === undefined) return device;
  const permanentMac = askPermanentMac(device.name);
  return permanentMac === undefined ? device : { ...device, permanentMac };
}

/** Whether a kernel of this release (`5.4.0-generic`) tells permanent addresses with its list of links. */
export function listsPermanentMacs(kernelRelease: string): boolean {
  const [major, minor] = kernelRelease.split('.').map((part) => Number.parseInt(part, 10));
  const [sinceMajor, sinceMinor] = permanentListedSince;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

/** Devices from the kernel's messages about links and addresses. */
export function readDevices(messages: readonly NetlinkMessage[]): Device[] {
  const links = messages.filter(({ type }) => type === netlinkMessage.link).map(({ body }) => readLink(body));
  const addresses = readAddresses(messages);
  const vlanIds = collectVlanIds(links);
  return links
    .map((link) => toDevice(link, addresses.get(link.index) ?? [], vlanIds.get(link.index) ?? []))
    .sort((a, b) => a.index - b.index);
}

interface Link {
  readonly name: string;
  readonly index: number;
  readonly hardware: number;
  readonly flags: number;
  readonly mac: string | undefined;
  readonly permanentMac: string | undefined;
  /** Kind of the device that it is a part of (`bridge`, `bond`, `vrf` …), '' when of none. */
  readonly slaveKind: string;
  /** For an 802.1Q sub-interface: its parent and its VLAN id. */
  readonly vlan: { readonly parent: number; readonly id: number } | undefined;
}

/** struct ifinfomsg: u8 family, u8, u16 hardware type, i32 index, u32 flags, u32 change. */
function readLink(body: Uint8Array): Link {
  const attributes = parseAttributes(body, linkHeaderBytes);
  const hardware = readUint16(body, 2);
  const isEthernet = hardware === hardwareType.ethernet;
  const info = parseAttributes(attributes.get(linkAttribute.info) ?? new Uint8Array(0));
  const hasMaster = attributes.has(linkAttribute.master);
  return {
    name: readText(attributes.get(linkAttribute.name)),
    index: readUint32(body, 4),
    hardware,
    flags: readUint32(body, 8),
    mac: isEthernet ? readMac(attributes.get(linkAttribute.address)) : undefined,
    permanentMac: isEthernet ? readMac(attributes.get(linkAttribute.permanentAddress)) : undefined,
    slaveKind: hasMaster ? readText(info.get(infoAttribute.slaveKind)) || 'unknown' : '',
    vlan: readVlan(info, attributes.get(linkAttribute.link)),
  };
}

function readVlan(info: ReadonlyMap<number, Uint8Array>, parent: Uint8Array | undefined): Link['vlan'] {
  if (readText(info.get(infoAttribute.kind)) !== 'vlan' || parent === undefined) return undefined;
  const id = parseAttributes(info.get(infoAttribute.data) ?? new Uint8Array(0)).get(vlanIdAttribute);
  return id === undefined ? undefined : { parent: readUint32(parent, 0), id: readUint16(id, 0) };
}

function readMac(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length !== 6 || bytes.every((byte) => byte === 0)) return undefined;
  return formatMac(bytes);
}

function collectVlanIds(links: readonly Link[]): ReadonlyMap<number, number[]> {
  const ids = new Map<number, number[]>();
  for (const { vlan } of links) {
    if (vlan === undefined) continue;
    const known = ids.get(vlan.parent);
    if (known === undefined) ids.set(vlan.parent, [vlan.id]);
    else known.push(vlan.id);
  }
  for (const list of ids.values()) list.sort((a, b) => a - b);
  return ids;
}

function readAddresses(messages: readonly NetlinkMessage[]): ReadonlyMap<number, DeviceAddress[]> {
  const addresses = new Map<number, DeviceAddress[]>();
  for (const family of [afInet, afInet6]) {
    for (const { type, body } of messages) {
      if (type !== netlinkMessage.address || body[0] !== family) continue;
      const address = readAddress(body, family);
      if (address === undefined) continue;
      const index = readUint32(body, 4);
      addresses.set(index, [...(addresses.get(index) ?? []), address]);
    }
  }
  return addresses;
}

/**
 * struct ifaddrmsg: u8 family, u8 prefix length, u8 flags, u8 scope, u32 index. On a link with a peer the own address
 * is IFA_LOCAL, and IFA_ADDRESS the peer's.
 */
function readAddress(body: Uint8Array, family: number): DeviceAddress | undefined {
  const attributes = parseAttributes(body, addressHeaderBytes);
  const bytes = attributes.get(addressAttribute.local) ?? attributes.get(addressAttribute.address);
  if (bytes === undefined || bytes.length !== (family === afInet ? 4 : 16)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const address =
    family === afInet
      ? formatIpv4(view.getInt32(0))
      : formatIpv6(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12));
  return { address, prefixLength: body[1] };
}

function toDevice(link: Link, addresses: readonly DeviceAddress[], vlanIds: readonly number[]): Device {
  const notCaptured = whyNotCaptured(link, addresses.length);
  return {
    name: link.name,
    index: link.index,
    ...(link.mac !== undefined && { macAddress: link.mac }),
    ...(link.permanentMac !== undefined && { permanentMac: link.permanentMac }),
    linkType: frameLinkType(link.hardware),
    addresses,
    ...(notCaptured !== undefined && { notCaptured }),
    vlanIds,
  };
}

/** A member of a VRF is an interface of its own; any other master takes the member's packets over. */
function whyNotCaptured(link: Link, addressCount: number): NotCaptured | undefined {
  if ((link.flags & flagLoopback) !== 0) return 'loopback';
  if (link.slaveKind !== '' && link.slaveKind !== 'vrf') return 'bridge port or bond slave';
  if ((link.flags & flagUp) === 0) return 'down';
  if (!knownHardwareType(link.hardware, (link.flags & flagPointToPoint) !== 0)) return 'unsupported link';
  return addressCount === 0 ? 'no address' : undefined;
}
