/** Defaults and bounds, each with its reason. Options and environment are read in `command`; nothing else lives here. */
export { captureDefaults, memoryBounds, serviceDefaults, spoolDefaults } from './defaults.ts';
