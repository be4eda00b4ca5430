/** What a crew chooses from: drugs with unit, routes and usual amounts, procedures. A centre may bring its own file. Pure. */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Coded } from '../domain/coded.ts';
import { parseDataFile } from '../domain/data-file.ts';
import { oneOf } from '../domain/vocabulary.ts';

const closed = { additionalProperties: false } as const;
const Label = Type.Object({ zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }, closed);
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const name = '^[a-z][a-z0-9-]*$';

export const routes = [
  'oral',
  'sublingual',
  'buccal',
  'inhaled',
  'nebulised',
  'intranasal',
  'intravenous',
  'intraosseous',
  'intramuscular',
  'subcutaneous',
  'rectal',
] as const;

const KitMedication = Type.Object(
  {
    coded: Coded,
    label: Label,
    unit: Type.String({ minLength: 1, maxLength: 20 }),
    routes: Type.Array(oneOf(routes), { minItems: 1, description: 'the usual one first' }),
    amounts: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0 }), { maxItems: 6, description: 'of an adult, to save typing' }),
    ),
    sources: Type.Array(Type.String({ pattern: name }), { minItems: 1 }),
  },
  closed,
);
const KitProcedure = Type.Object(
  {
    coded: Coded,
    label: Label,
    lasts: Type.Optional(Type.Literal(true, { description: 'has an end worth writing down' })),
    tried: Type.Optional(Type.Literal(true, { description: 'may fail: attempts and success are asked' })),
  },
  closed,
);
const kitFields = {
  reviewDate: Day,
  /** Who answers for it: null until the local medical director has signed. */
  signature: Type.Union([Type.Null(), Type.Object({ by: Type.String({ minLength: 1 }), on: Day }, closed)]),
  notice: Label,
  sources: Type.Record(
    Type.String({ pattern: name }),
    Type.Object(
      {
        title: Type.String({ minLength: 1 }),
        publisher: Type.String({ minLength: 1 }),
        year: Type.Integer({ minimum: 1950, maximum: 2100 }),
        url: Type.String({ pattern: '^https?://' }),
      },
      closed,
    ),
    closed,
  ),
  medications: Type.Array(KitMedication, { minItems: 1, maxItems: 200 }),
  procedures: Type.Array(KitProcedure, { minItems: 1, maxItems: 200 }),
};
const KitFile = Type.Object({ version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }), ...kitFields }, closed);

/** As the service tells it; `version` has the first digits of a hash, so that one never names two contents. */
export const CareKit = Type.Object({ version: Type.String(), ...kitFields });
export type CareKit = Static<typeof CareKit>;
export const CareKitReply = Type.Object({
  ...CareKit.properties,
  limits: Type.Record(Type.String(), Type.Object({ least: Type.Number(), most: Type.Number() }), {
    description: 'by vital sign: a value outside is kept and flagged',
  }),
});
export type CareKitReply = Static<typeof CareKitReply>;

/** What is wrong in a kit, one line a problem with its place. */
export class KitError extends Error {
  override readonly name = 'KitError';
}

/** Throws `KitError`: a broken list is never half used. */
export function parseKit(fileName: string, text: string): CareKit {
  const problems: string[] = [];
  const file = parseDataFile(fileName, text, KitFile, problems);
  for (const list of ['medications', 'procedures'] as const) {
    const seen = new Set<string>();
    for (const [i, { coded }] of (file?.value[list] ?? []).entries()) {
      const key = `${coded.system} ${coded.code}`;
      if (seen.has(key)) problems.push(`${file?.at([list, i])}: ${key} is there twice`);
      seen.add(key);
    }
  }
  for (const [i, { sources }] of (file?.value.medications ?? []).entries())
    for (const source of sources)
      if (file && !Object.hasOwn(file.value.sources, source))
        problems.push(`${file.at(['medications', i, 'sources'])}: unknown source "${source}"`);
  if (!file || problems.length) throw new KitError(problems.join('\n'));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { ...file.value, version: `${file.value.version}+${hash}` };
}
