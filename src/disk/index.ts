/**
 * Files that are still there, whole, after a power failure: written, moved and replaced so that nobody ever finds half
 * of one. What is in them is not known here.
 */
export { moveDurably, replaceDurably, syncPath, writeDurably } from './durable-file.ts';
