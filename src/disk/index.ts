/**
 * Files that are still there, whole, after a power failure: written, moved and replaced so that nobody ever finds half
 * of one; and the bytes of those that are there. What is in them is not known here.
 */
export { moveDurably, replaceDurably, syncPath, writeDurably } from './durable-file.ts';
export { filePieces } from './file-pieces.ts';
