// Reads one device through the built PacketSocket until standard input ends, then prints what it saw as JSON.
// Argument: JSON { device, ringBytes?, snapLength?, promiscuous?, capacity?, hold?, roomBytes? }. With `hold` nothing is
// read before the end; `roomBytes` is how much address space the process may still take.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { listDevices } from '../../../dist/capture/devices.js';
import { PacketSocket } from '../../../dist/capture/packet-socket.js';
import { pollSockets } from '../../../dist/capture/poll-sockets.js';
import { FrameBatch } from '../../../dist/packet/frame-batch.js';

const mostFrames = 500;
const options = JSON.parse(process.argv[2]);
if (options.roomBytes) limitAddressSpace(options.roomBytes);
const device = listDevices().find(({ name }) => name === options.device);
const socket = new PacketSocket({ ringBytes: 4 << 20, deviceIndex: device?.index ?? 0, ...options });
const batch = new FrameBatch(options.capacity ?? 8192);
const frames = [];
const sums = { frames: 0, bytes: 0, segmented: 0, oversize: 0, oversizeWithoutSegments: 0 };
const startMs = Date.now();
let isEnding = false;

process.stdin.on('end', () => {
  isEnding = true;
});
process.stdin.resume();
process.stdout.write('ready\n');
step();

function step() {
  if (!options.hold) {
    while (readOnce());
    if (!isEnding) pollSockets([socket], 20);
  }
  // Once more after the last block's retire time, so that nothing stays in the ring.
  if (isEnding) setTimeout(finish, 100);
  else if (options.hold) setTimeout(step, 10);
  else setImmediate(step);
}

function limitAddressSpace(roomBytes) {
  const [, taken] = /VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  const limit = Number(taken) * 1024 + roomBytes;
  execFileSync('prlimit', ['--pid', String(process.pid), `--as=${limit}`]);
}

function readOnce() {
  const count = socket.read(batch);
  for (let i = 0; i < count; i++) {
    sums.frames++;
    sums.bytes += batch.originalLength[i];
    if (batch.segmentBytes[i] > 0) sums.segmented++;
    if (batch.originalLength[i] > 1518) {
      sums.oversize++;
      if (batch.segmentBytes[i] === 0) sums.oversizeWithoutSegments++;
    }
    if (frames.length < mostFrames) frames.push(describeFrame(i));
  }
  return count > 0;
}

function describeFrame(i) {
  const start = batch.offset[i];
  const bytes = batch.bytes.subarray(start, start + Math.min(batch.capturedLength[i], 64));
  return {
    capturedLength: batch.capturedLength[i],
    originalLength: batch.originalLength[i],
    packetType: batch.packetType[i],
    linkType: batch.linkType[i],
    segmentBytes: batch.segmentBytes[i],
    strippedVlan: batch.strippedVlan[i],
    timeInside: batch.timeMs[i] > startMs - 1000 && batch.timeMs[i] < Date.now() + 1000,
    hex: Buffer.from(bytes).toString('hex'),
  };
}

function finish() {
  while (readOnce());
  const { linkType, ringBytes, error } = socket;
  const residentOpen = process.memoryUsage().rss;
  socket.close();
  socket.close();
  // The batch still points into the ring.
  const staleBytes = batch.bytes.subarray(0, 4096).reduce((sum, byte) => sum + byte, 0);
  const resident = residentOpen - process.memoryUsage().rss;
  const totals = socket.totals;
  console.log(JSON.stringify({ frames, sums, totals, linkType, ringBytes, error, staleBytes, resident }));
}
