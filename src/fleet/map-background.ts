/** Pictures of a map from outside, drawn over our own base where a centre wants them. Off unless it is set. */

export interface MapBackground {
  /** Raster tiles, Web Mercator of WGS-84: `https://tiles.example/{z}/{x}/{y}.png`. */
  readonly url: string;
  /** Whose the pictures are, as their licence asks to be said beside the map; plain text. */
  readonly attribution: string;
}

/**
 * Hosts whose pictures are drawn in GCJ-02 or BD-09: everything on them would stand 300 to 700 m from where it is, and
 * an ambulance with it.
 */
const SHIFTED = /(?:^|\.)(?:autonavi|amap|gtimg|qq|bdimg|bdstatic|baidu)\.com$/i;

/**
 * The address of a tile, its blanks still to be filled in.
 * @throws Error what is wrong with it, without the address: it may hold a key
 */
export function readTileUrl(given: string): string {
  for (const blank of ['{z}', '{x}', '{y}']) if (!given.includes(blank)) throw new Error(`has no ${blank}`);
  const filled = given.replace('{z}', '1').replace('{x}', '1').replace('{y}', '1');
  if (/[{}]/.test(filled)) throw new Error('may have the blanks {z}, {x} and {y}, each once, and no other');
  if (/[{}]/.test(given.split('/', 3).join('/'))) throw new Error('has to name one host');
  const url = URL.canParse(filled) ? new URL(filled) : null;
  if (!url || !['https:', 'http:'].includes(url.protocol)) throw new Error('is not an https:// URL');
  if (url.username || url.password) throw new Error('may not carry a name or password');
  if (SHIFTED.test(url.hostname)) throw new Error('draws in GCJ-02 or BD-09: all would stand hundreds of metres off');
  return given;
}

/** Whom the page has to be allowed to ask: scheme, host and port. */
export const originOf = (tileUrl: string): string => new URL(tileUrl).origin;
