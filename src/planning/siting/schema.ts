/** What planners ask of siting, and what they are answered. */
import { type Static, Type } from 'typebox';
import { PositionInput } from '../../domain/position.ts';
import { oneOf } from '../../domain/vocabulary.ts';

export const sitingProblems = ['lscp', 'mclp', 'p-median', 'p-center', 'mexclp', 'joint'] as const;
/**
 * `lscp` fewest sites that cover all demand (Toregas 1971) · `mclp` most demand covered by p sites (Church and ReVelle
 * 1974) · `p-median` least weighted travel (Hakimi 1964) · `p-center` least longest travel · `mexclp` most expected cover
 * by p units that are busy a share of their time (Daskin 1983) · `joint` ambulances and first responders in one budget.
 */
export type SitingProblem = (typeof sitingProblems)[number];

export const postKinds = ['ambulance', 'responder', 'joint'] as const;
/** With an ambulance, with first responders and a defibrillator (a micro fire station), or with both. */
export type PostKind = (typeof postKinds)[number];

/** The product bounds memory and the longest any step takes; 900 × 900 is a fifth of it. */
export const MOST_DEMAND = 20_000;
export const MOST_SITES = 5_000;
export const MOST_PAIRS = 4_000_000;
export const LONGEST_SECONDS = 3_600;
export const USUAL_SECONDS = 300;

const Id = Type.String({ minLength: 1, maxLength: 100 });
const Seconds = Type.Number({ minimum: 0, maximum: 1e6 });
const Matrix = (description: string) =>
  Type.Optional(
    Type.Array(Type.Array(Type.Union([Seconds, Type.Null()]), { maxItems: MOST_SITES }), {
      maxItems: MOST_DEMAND,
      description,
    }),
  );
const Post = (what: string) =>
  Type.Object(
    {
      cost: Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: `of a post with ${what} alone` }),
      standardSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }),
      weight: Type.Optional(
        Type.Number({ exclusiveMinimum: 0, maximum: 1e6, description: 'of its cover beside the other; 1 if absent' }),
      ),
    },
    { additionalProperties: false },
  );

export const SitingRequest = Type.Object(
  {
    problem: oneOf(sitingProblems),
    demand: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Id,
            weight: Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }),
            position: Type.Optional(PositionInput),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: MOST_DEMAND, description: 'absent: as `demandFrom` says' },
      ),
    ),
    demandFrom: Type.Optional(
      oneOf(['calls', 'residents'], 'past calls of the last year, or residents weighted by risk, by hexagon'),
    ),
    sites: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Id,
            position: Type.Optional(PositionInput),
            existing: Type.Optional(Type.Boolean({ description: 'open whatever the plan; counts among the p' })),
            kind: Type.Optional(oneOf(postKinds, 'joint posts: what an existing one is; ambulance if absent')),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: MOST_SITES, description: 'absent: the stations there are, and places and hexagons' },
      ),
    ),
    travelSeconds: Matrix('by demand, then by site; null: cannot be reached. Absent: by the road network'),
    responderTravelSeconds: Matrix('joint posts: the same for first responders; absent: `travelSeconds`'),
    p: Type.Optional(
      Type.Integer({ minimum: 1, description: 'sites in all, existing ones among them; mexclp: units' }),
    ),
    standardSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 86_400 })),
    busyFraction: Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1 })),
    posts: Type.Optional(
      Type.Object(
        {
          ambulance: Post('an ambulance'),
          responder: Post('first responders and a defibrillator'),
          jointCost: Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: 'of a post with both' }),
          budget: Type.Number({ minimum: 0, maximum: 1e12 }),
        },
        { additionalProperties: false },
      ),
    ),
    timeLimitSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: LONGEST_SECONDS })),
  },
  { additionalProperties: false },
);
export type SitingRequest = Static<typeof SitingRequest>;

export const sitingStatuses = [
  'queued',
  'running',
  'optimal',
  'feasible',
  'infeasible',
  'cancelled',
  'interrupted',
  'failed',
] as const;
/** `feasible`: its time was up. `cancelled`, `interrupted` (the service stopped) and it answer their best with its gap. */
export type SitingStatus = (typeof sitingStatuses)[number];

const Nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** Travel to all demand by the sites of one plan. */
const Travel = Type.Object({
  meanSeconds: Nullable('by weight, of the demand that can be reached'),
  longestSeconds: Nullable('of the demand that can be reached'),
  coveredShare: Nullable('of the weight, within the standard'),
});
export type PlanTravel = Static<typeof Travel>;

const Interval = Type.Tuple([Type.Number(), Type.Number()]);

export const JointPost = Type.Object({
  siteId: Type.String(),
  kind: oneOf(postKinds),
  existing: Type.Boolean(),
  gain: Nullable('joint posts: what the plan would lose if this one had to be a post of one kind'),
  gainBound: Nullable('the gain is at most this; the same where it is proven'),
});
export type JointPost = Static<typeof JointPost>;

/** What one new site wins for the demand it is nearest to. */
export const SiteWin = Type.Object({
  siteId: Type.String(),
  demandShare: Type.Number({ description: 'of the weight, nearest to it' }),
  savedSeconds: Nullable('by weight, saved these; null where the existing sites do not reach all of them'),
});
export type SiteWin = Static<typeof SiteWin>;

export const SitingResult = Type.Object({
  objective: Nullable(
    'lscp sites · mclp and mexclp weight (expected) covered · p-median weighted seconds · p-center seconds · joint weight',
  ),
  bound: Nullable('no plan is better than this'),
  gap: Nullable('between objective and bound, relative'),
  proven: Type.Boolean({ description: 'no plan is better; of `infeasible`: there is none' }),
  chosen: Type.Array(Type.String(), { description: 'mexclp: a site once for each unit' }),
  assignment: Type.Record(Type.String(), Type.String(), { description: 'the nearest chosen site of each demand' }),
  uncovered: Type.Array(Type.String(), { description: 'beyond the standard, or out of reach' }),
  demandWeight: Nullable('of all demand: what covered weights are shares of'),
  wins: Type.Array(SiteWin, { description: 'of each new site, where there are existing ones' }),
  plan: Type.Union([Travel, Type.Null()]),
  existing: Type.Union([Travel, Type.Null()], { description: 'the same by the existing sites alone' }),
  gain: Type.Union(
    [
      Type.Object({
        meanSeconds: Type.Number({ description: 'saved a call' }),
        meanSecondsInterval: Type.Union([Interval, Type.Null()], {
          description: '95 %, for what chance did to the calls counted; null where weights are no counts',
        }),
        coveredShare: Nullable('more of the weight within the standard'),
        coveredShareInterval: Type.Union([Interval, Type.Null()]),
      }),
      Type.Null(),
    ],
    { description: 'of the plan over the existing sites, where there are some and they reach all' },
  ),
  joint: Type.Union(
    [
      Type.Object({
        posts: Type.Array(JointPost),
        cost: Type.Number(),
        firstHelpWeight: Type.Number(),
        ambulanceWeight: Type.Number(),
        separate: Type.Object({
          objective: Type.Number({ description: 'of the best plan of the same budget without joint posts' }),
          bound: Type.Number(),
          firstHelpWeight: Type.Number(),
          ambulanceWeight: Type.Number(),
        }),
        gainOverSeparate: Type.Number(),
      }),
      Type.Null(),
    ],
    { description: 'joint posts only' },
  ),
});
export type SitingResult = Static<typeof SitingResult>;
