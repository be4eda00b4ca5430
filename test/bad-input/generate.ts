/** Requests made from the service's own OpenAPI document: good ones, near-good ones and garbage, the same for the same seed. */
import fc from 'fast-check';

export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** Invented, and marked so that they are found wherever they come back. */
export const personal = {
  phone: '13912349876',
  otherPhone: '010-66559876',
  name: '甲乙丙虚构',
  address: '北京市西城区虚构胡同987号6单元543室',
  idNumber: '11010219410302004X',
  notes: '门禁密码八七六五 (invented)',
} as const;
export const personalValues: readonly string[] = [
  ...Object.values(personal),
  '+8613912349876',
  '+861066559876',
  '66559876',
];

/** Records have many fields: where one in seven were odd, no record would be accepted. */
export const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** What fields of these names hold when they are well filled in; identifiers lead to what exists. */
export type Pools = Readonly<Record<string, fc.Arbitrary<unknown>>>;

export const basePools: Pools = {
  phone: mostly(fc.constantFrom(personal.phone, personal.otherPhone, '+8613800138001'), fc.constant('***')),
  q: fc.constantFrom(personal.name, personal.idNumber, 'sos-17'),
  name: fc.constantFrom(personal.name, '张虚构', '𠮷'),
  address: fc.constantFrom(personal.address, '三里河一区5号楼2单元501室', ' '),
  idNumber: mostly(fc.constant('110102194103020023'), fc.constant(personal.idNumber)),
  entryNotes: fc.constant(personal.notes),
  text: fc.constantFrom(personal.notes, personal.phone),
  reason: fc.constant(personal.notes),
  overrideReason: fc.constant(personal.notes),
  display: fc.constant(personal.notes),
  birthDate: mostly(fc.constant('1941-03-02'), fc.constant('1939-11-20')),
  answers: fc.dictionary(
    fc.constantFrom('conscious', 'breathing'),
    mostly(fc.constant('unknown'), fc.constantFrom('yes', 'normal')),
  ),
};

const nastyTexts = fc.constantFrom(
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud83d',
  '\ude91\ud83d',
  '🚑',
  '\u202e',
  '\ufeff',
  '\u0001\u001f\u007f',
  '\uffff',
  "' OR 1=1 --",
  '{1,2}',
  '\\',
  '%00',
  '../..',
  '__proto__',
  'constructor',
  '<script>',
  'Infinity',
  '1e999',
  'null',
  '9'.repeat(400),
  'x'.repeat(5_000),
);
const texts = fc.oneof(nastyTexts, fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...personalValues));
/** Edges of GCJ-02's box, of float8, of integers; the midst is drawn by `valid`. */
const nastyNumbers = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  0.5,
  5e-324,
  -5e-324,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  90,
  -90,
  90.000001,
  180,
  -180,
  180.5,
  72.004,
  72.0041,
  137.8347,
  0.8293,
  0.83,
  55.8271,
  116.36,
  139,
);
const nastyTimes = fc.constantFrom(
  '2026-03-02T10:00:00+08:00',
  '2026-03-02T02:00:00.123456789Z',
  '2026-03-01T10:30:00+08:00',
  '1800-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-15:59',
  '2026-03-02T10:00:00+15:59',
  '2026-03-02T10:00:00+23:00',
  '2026-03-02T23:59:60Z',
);
const nastyDays = fc.constantFrom(
  '2026-03-02',
  '1800-01-01',
  '9999-12-31',
  '2024-02-29',
  '2026-02-30',
  '0000-01-01',
  '-2026-01-01',
);
export const garbage: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: texts },
  { weight: 2, arbitrary: nastyNumbers },
  fc.constantFrom(null, true, false, [], {}, [[]], [null]),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values a schema accepts, or very nearly: formats and pools also hold edges that operations must refuse. */
export function valid(schema: Schema, pools: Pools, name = ''): fc.Arbitrary<unknown> {
  const pool = pools[name];
  if (pool && !schema.enum)
    return fc.oneof({ weight: 40, arbitrary: pool }, { weight: 1, arbitrary: bySchema(schema, pools, name) });
  return bySchema(schema, pools, name);
}

function bySchema(schema: Schema, pools: Pools, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valid(one, pools)));
  switch (schema.type) {
    case 'object':
      return objectOf(schema, pools);
    case 'array': {
      const items = valid(schema.items ?? {}, pools, name.replace(/s$/, ''));
      const maxLength = Math.min(schema.maxItems ?? 4, 4);
      return schema.uniqueItems ? fc.uniqueArray(items, { maxLength }) : fc.array(items, { maxLength });
    }
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 });
    case 'number': {
      const bounds = { min: schema.minimum ?? schema.exclusiveMinimum ?? -1e6, max: schema.maximum ?? 1e6 };
      const inside = fc.double({ ...bounds, noNaN: true, noDefaultInfinity: true });
      return fc.oneof(
        { weight: 5, arbitrary: inside },
        { weight: 5, arbitrary: fc.double({ min: 39.8, max: 40, noNaN: true }) },
        nastyNumbers,
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Schema,
  pools: Pools,
): fc.Arbitrary<object> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valid(inner, pools, name)])),
    { requiredKeys: [...required] },
  );
  if (typeof additionalProperties !== 'object') return known;
  return fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,9}$/), valid(additionalProperties, pools), { maxKeys: 4 });
}

function textOf({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === 'date') return mostly(fc.constantFrom('2026-03-02', '2024-02-29', '1941-03-02'), nastyDays);
  if (format === 'date-time')
    return mostly(fc.constantFrom('2026-03-02T10:00:00+08:00', '2026-03-02T01:59:30Z'), nastyTimes);
  if (pattern) return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) });
}

/** One to three changes anywhere inside: another type, something left out, something added. */
export function mutated(from: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    where: fc.array(fc.nat(20), { maxLength: 4 }),
    how: fc.constantFrom('replace', 'drop', 'add', 'wrap', 'text'),
    key: fc.oneof(
      fc.constantFrom('extra', '__proto__', 'constructor', 'toString', 'at', 'a.b', 'a/b'),
      fc.string({ maxLength: 5 }),
    ),
    what: garbage,
  });
  return fc
    .tuple(from, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) =>
      changes.reduce((inner, { where, how, key, what }) => changeAt(inner, where, how, key, what), value),
    );
}

function changeAt(
  value: unknown,
  [step, ...rest]: readonly number[],
  how: string,
  key: string,
  what: unknown,
): unknown {
  const isContainer = typeof value === 'object' && value !== null;
  const keys = isContainer ? Object.keys(value) : [];
  if (step === undefined || keys.length === 0) {
    if (how === 'wrap') return [value];
    if (how === 'text') return typeof value === 'string' ? Number(value) : JSON.stringify(value);
    // `defineProperty`, because assigning to __proto__ would set the prototype instead of adding a field.
    if (how === 'add' && isContainer && !Array.isArray(value))
      return Object.defineProperty({ ...value }, key, { value: what, enumerable: true });
    return what;
  }
  const at = keys[step % keys.length] as string;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (how === 'drop' && rest.length === 0) {
    delete copy[at];
    return Array.isArray(value) ? (copy as unknown as unknown[]).filter(() => true) : copy;
  }
  copy[at] = changeAt(copy[at], rest, how, key, what);
  return copy;
}
