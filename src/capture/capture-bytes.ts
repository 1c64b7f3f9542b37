/** The bytes of a capture as they lie on disk or come through a pipe; can be read again while the beginning is kept. */
export interface CaptureBytes {
  /** `undefined` for a pipe. */
  readonly totalBytes: number | undefined;
  /** Starts reading at the beginning. Only the reader that was opened last may be read further. */
  open(): ByteReader;
  /** Whether `open` is still possible, with room for what one more batch may take. */
  canReopen(): boolean;
  /** Whether `open` is still possible now. */
  isKept(): boolean;
  /** There will be no further `open`. */
  commit(): void;
  close(): Promise<void>;
}

export interface ByteReader {
  /** Bytes of the input taken so far, before any decompression. */
  readonly bytesRead: number;
  /** Known at the end: the input stopped in the middle of its compressed stream. */
  readonly isCutOff: boolean;
  /** Puts 1 to `length` bytes, as many as are promptly there, at `target[offset]`; 0 at the end. One call at a time. */
  read(target: Uint8Array, offset: number, length: number): Promise<number>;
  close(): void;
}
