/** What a JSON text says and a parser passes over: a key said twice, of which only the last is heard. Pure. */

/** Deeper than any message here; what walks through a body, or writes it down, must not run out of stack. */
const DEEPEST = 100;

interface Shape {
  readonly deepest: number;
  /** As many keys as were written. */
  readonly colons: number;
}

const QUOTE = 34;
const BACKSLASH = 92;

function shapeOf(text: string): Shape {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++;
        break;
      case 58: // :
        colons++;
        break;
      case 91: // [
      case 123: // {
        depth++;
        if (depth > deepest) deepest = depth;
        break;
      case 93: // ]
      case 125: // }
        depth--;
        break;
      default:
    }
  }
  return { deepest, colons };
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) for (const inner of value) keys += keysIn(inner);
  else for (const key in value) keys += 1 + keysIn((value as Record<string, unknown>)[key]);
  return keys;
}

/** What is wrong with a text that was parsed to `value`, in words for a problem; null where nothing is. */
export function faultOfText(text: string, value: unknown): string | null {
  const { deepest, colons } = shapeOf(text);
  if (deepest > DEEPEST) return `is nested deeper than ${DEEPEST} levels`;
  return colons === keysIn(value) ? null : 'says a key twice';
}
