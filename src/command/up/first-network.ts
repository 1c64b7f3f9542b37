import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { listDevices, openCaptureFile } from '../../capture/index.ts';
import { ConfigError } from '../../fault/index.ts';
import { decodeFrame, decodeOutcome, FrameBatch, PacketView } from '../../packet/index.ts';
import type { Terminal } from '../../report/index.ts';
import {
  AddressNetwork,
  defaultLocalPrefixes,
  deviceNetwork,
  type Identity,
  loadNetwork,
  type Network,
} from '../../vpc/index.ts';
import { isOfHost } from '../capture/host-device.ts';
import type { DeviceSource, parseSources } from '../capture/options.ts';

/** A network that a user describes in a folder; what is odd about it is told. */
export function describedNetwork(directory: string, terminal: Pick<Terminal, 'line'>): Network {
  const { network, warnings } = loadNetwork(directory);
  for (const warning of warnings) terminal.line(`warning: ${warning}`);
  return network;
}

/** What a data folder begins with when nothing is described: the addresses of capture files, else this host. */
export async function foundNetwork(
  { files, devices }: ReturnType<typeof parseSources>,
  identity: Identity,
): Promise<Network> {
  return files.length > 0 ? networkOfFiles(files, identity) : hostNetwork(devices, identity);
}

/** Where devices cannot be listed, the network is empty. */
function hostNetwork(sources: readonly DeviceSource[], identity: Identity): Network {
  try {
    const devices = listDevices().filter((device) => isOfHost(device, sources));
    return deviceNetwork(devices, identity);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return deviceNetwork([], identity);
  }
}

/** Reads the files once: every private address in them is an interface. */
async function networkOfFiles(files: readonly string[], identity: Identity): Promise<Network> {
  if (files.includes('-')) {
    throw new ConfigError('NoNetwork', 'standard input can be read once only, and its network is not known', [
      '--vpc DIR describes it; "headgate capture -" makes one up',
    ]);
  }
  const made = new AddressNetwork(defaultLocalPrefixes, identity);
  const interfaces = new Map<string, NetworkInterface>();
  for (const file of files) await addInterfaces(file, made, interfaces);
  return { ...made.network, networkInterfaces: [...interfaces.values()] };
}

async function addInterfaces(
  file: string,
  made: AddressNetwork,
  interfaces: Map<string, NetworkInterface>,
): Promise<void> {
  const source = await openCaptureFile(file);
  const batch = new FrameBatch();
  const view = new PacketView();
  const note = (w0: number, w1: number, w2: number, w3: number): void => {
    const found = made.interfaceFor({ family: view.family as 4 | 6, words: [w0, w1, w2, w3] });
    if (found) interfaces.set(found.NetworkInterfaceId ?? '', found);
  };
  try {
    while (await source.next(batch)) {
      for (let i = 0; i < batch.count; i++) {
        const { bytes, offset, capturedLength, originalLength, linkType } = batch;
        const outcome = decodeFrame(
          view,
          bytes,
          offset[i],
          capturedLength[i],
          originalLength[i],
          linkType[i],
          0,
        );
        if (outcome !== decodeOutcome.ip) continue;
        note(view.src0, view.src1, view.src2, view.src3);
        note(view.dst0, view.dst1, view.dst2, view.dst3);
      }
    }
  } finally {
    await source.close();
  }
}
