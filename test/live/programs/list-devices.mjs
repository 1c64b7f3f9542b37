// Prints the devices of this namespace as JSON.
import { listDevices } from '../../../dist/capture/devices.js';

console.log(JSON.stringify(listDevices()));
