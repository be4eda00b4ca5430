/** Frames are what another implementation of the protocol reads back. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import t from 'tap';
import { frameOf } from '../../src/live/messages.ts';

interface Reader {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void;
  write(bytes: Buffer): void;
}
const { Receiver } = createRequire(import.meta.url)('ws') as { Receiver: new (options: object) => Reader };

function readBack(bytes: Buffer): string[] {
  const texts: string[] = [];
  const reader = new Receiver({ isServer: false, allowSynchronousEvents: true });
  reader.on('message', (data, isBinary) => texts.push(isBinary ? 'binary' : data.toString('utf8')));
  reader.write(bytes);
  return texts;
}

t.test('any text, alone or one after the other', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 5 }), (texts) => {
      const read = readBack(Buffer.concat(texts.map(frameOf)));
      return JSON.stringify(read) === JSON.stringify(texts.map((text) => Buffer.from(text).toString('utf8')));
    }),
  );
  for (const size of [0, 125, 126, 127, 65_535, 65_536, 70_000]) {
    t.same(
      readBack(frameOf('x'.repeat(size))).map((text) => text.length),
      [size],
      `${size} bytes`,
    );
  }
  t.same(readBack(frameOf('急救'.repeat(20_000))), ['急救'.repeat(20_000)]);
});
