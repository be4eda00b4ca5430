/** Reading a registry line by line: bytes in, lines out, whatever the size; a broken line is refused by its number. */
import { isUtf8 } from 'node:buffer';

/** One resident is at most this long; a longer line is refused without being kept. */
const LONGEST_LINE_BYTES = 256 * 1024;

export interface Line {
  readonly number: number;
  /** Null where the line is too long or is not UTF-8. */
  readonly text: string | null;
  readonly fault: 'too-long' | 'not-utf8' | null;
}

const NEWLINE = 0x0a;

/** Splits a byte stream into lines (numbered from 1), holding one line at most; blank ones are passed over. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Line | null => {
    number++;
    const tooLong = length > LONGEST_LINE_BYTES;
    const bytes = tooLong ? Buffer.alloc(0) : Buffer.concat(parts);
    parts = [];
    length = 0;
    if (tooLong) return { number, text: null, fault: 'too-long' };
    if (!isUtf8(bytes)) return { number, text: null, fault: 'not-utf8' };
    const text = bytes.toString('utf8').trim();
    return text ? { number, text, fault: null } : null;
  };
  const keep = (bytes: Buffer) => {
    length += bytes.length;
    if (length <= LONGEST_LINE_BYTES) parts.push(bytes);
    else parts = [];
  };
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      keep(bytes.subarray(start, end));
      const line = take();
      if (line) yield line;
      start = end + 1;
    }
    // Copied: the stream may reuse its chunk, and a view would keep all of it alive.
    if (start < bytes.length) keep(Buffer.from(bytes.subarray(start)));
  }
  if (length > 0) {
    const line = take();
    if (line) yield line;
  }
}
