/** The safety properties of the decision, thousands of random calls each. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { capabilities, vehicleTypes } from '../../src/domain/vocabulary.ts';
import { decide, unknownPatient } from '../../src/requirement/decide.ts';
import type { Facts } from '../../src/requirement/facts.ts';
import { parseProtocol } from '../../src/requirement/files.ts';
import { join, leastRequirement, satisfies, shortfalls, vehicleTypeFor } from '../../src/requirement/lattice.ts';
import { compileProtocol, protocolFrom } from '../../src/requirement/load.ts';
import { complaint, facts, lowered, loweredDecision, moreOf, patient, protocol } from './arbitraries.ts';

const runs = { numRuns: 3000 };
function holds<T>(t: Test, name: string, property: fc.IProperty<T>) {
  t.doesNotThrow(() => fc.assert(property, runs), name);
}

const never = (what: string | null) => {
  if (what !== null) throw new Error(what);
};

t.test('1: more history never lowers', (t) => {
  const moreHistory = fc
    .tuple(complaint, patient)
    .chain(([asked, known]) => fc.tuple(fc.constant(asked), fc.constant(known), moreOf(known)));
  holds(
    t,
    'priority, capabilities, hospitals, cautions, vehicle',
    fc.property(moreHistory, ([asked, known, more]) =>
      never(
        loweredDecision(
          decide(protocol, { complaint: asked, patients: [known] }),
          decide(protocol, { complaint: asked, patients: [more] }),
        ),
      ),
    ),
  );
  holds(
    t,
    'nor does any history against none',
    fc.property(complaint, patient, (asked, known) =>
      never(
        loweredDecision(
          decide(protocol, { complaint: asked, patients: [] }),
          decide(protocol, { complaint: asked, patients: [known] }),
        ),
      ),
    ),
  );
  t.end();
});

t.test('1: a more serious answer never lowers', (t) => {
  /** Questions some rule reads as serious when nobody knows; there an answer may relieve, which is its purpose. */
  const wary = new Set(
    protocol.rules.flatMap(({ when }) =>
      Object.entries(when.answers ?? {}).flatMap(([question, { unknownFires }]) =>
        unknownFires ? (when.complaint ?? []).map((code) => `${code} ${question}`) : [],
      ),
    ),
  );
  t.ok(wary.size >= 5, 'there are questions whose unknown fires');
  const worse = complaint.chain((asked) =>
    fc.tuple(
      fc.constant(asked),
      fc
        .tuple(
          ...[...(protocol.complaints.get(asked.code)?.questions ?? [])].map(([name, { ranks }]) => {
            const options = [...ranks.keys()];
            const given = Object.hasOwn(asked.answers, name) ? asked.answers[name] : undefined;
            const rank = given === undefined ? -1 : (ranks.get(given) ?? -1);
            const worst = name === 'conscious' || name === 'breathing';
            // From unknown nothing is more serious than unknown for the two; elsewhere any answer is, unless wary.
            if (rank < 0) {
              const fixed = worst || wary.has(`${asked.code} ${name}`);
              return fc.constantFrom(...(fixed ? ['unknown'] : ['unknown', ...options]));
            }
            return fc.constantFrom(...options.slice(rank), ...(worst ? ['unknown'] : []));
          }),
        )
        .map((answers) => ({
          code: asked.code,
          answers: Object.fromEntries(
            [...(protocol.complaints.get(asked.code)?.questions.keys() ?? [])].map((name, i) => [
              name,
              answers[i] ?? 'unknown',
            ]),
          ),
        })),
    ),
  );
  holds(
    t,
    'every question of every complaint',
    fc.property(worse, patient, ([less, more], known) =>
      never(
        loweredDecision(
          decide(protocol, { complaint: less, patients: [known] }),
          decide(protocol, { complaint: more, patients: [known] }),
        ),
      ),
    ),
  );
  t.end();
});

t.test('2: unknown consciousness or breathing counts as the worst', (t) => {
  holds(
    t,
    'missing, unknown and nonsense decide as no and absent',
    fc.property(
      facts,
      fc.constantFrom(undefined, 'unknown', 'constructor', ''),
      fc.constantFrom(undefined, 'unknown', '__proto__'),
      ({ complaint: { code, answers }, patients }, conscious, breathing) => {
        const { conscious: _c, breathing: _b, ...others } = answers;
        const unknown = {
          ...others,
          ...(conscious !== undefined && { conscious }),
          ...(breathing !== undefined && { breathing }),
        };
        const worst = decide(protocol, {
          complaint: { code, answers: { ...others, conscious: 'no', breathing: 'absent' } },
          patients,
        });
        const asUnknown = decide(protocol, { complaint: { code, answers: unknown }, patients });
        if (JSON.stringify(asUnknown.requirement) !== JSON.stringify(worst.requirement)) throw new Error('differs');
        if (asUnknown.requirement.priority !== 1) throw new Error('is not danger to life');
      },
    ),
  );
  t.end();
});

t.test('2: whoever may be without breath or pulse waits for nothing but what brings them back', (t) => {
  const needed = new Set([...(protocol.classCapabilities.intensive ?? [])]);
  const now = fc.constantFrom(...(['cardiac-arrest', 'unconscious', 'choking', 'drowning', 'electrocution'] as const));
  holds(
    t,
    'no history and no answer asks more of a vehicle than to be one for resuscitation',
    fc.property(facts, now, ({ complaint: { answers }, patients }, code) => {
      const { required } = decide(protocol, { complaint: { code, answers }, patients }).requirement;
      const more = required.filter((each) => !needed.has(each));
      if (more.length > 0) throw new Error(`${code} waits for ${more.join(', ')}`);
    }),
  );
  t.end();
});

t.test('3: several credible residents', (t) => {
  holds(
    t,
    'joining never lowers what one of them needs, nor what nobody known would get',
    fc.property(facts, patient, ({ complaint: asked, patients }, one) => {
      const all = decide(protocol, { complaint: asked, patients: [...patients, one] });
      never(loweredDecision(decide(protocol, { complaint: asked, patients: [one] }), all));
      never(loweredDecision(decide(protocol, { complaint: asked, patients }), all));
    }),
  );
  holds(
    t,
    'their order does not matter',
    fc.property(facts, ({ complaint: asked, patients }) => {
      const { unmapped, ...there } = decide(protocol, { complaint: asked, patients });
      const { unmapped: back, ...again } = decide(protocol, { complaint: asked, patients: [...patients].reverse() });
      if (JSON.stringify(there) !== JSON.stringify(again)) throw new Error('differs');
      if (unmapped.length !== back.length) throw new Error('unmapped differ');
    }),
  );
  t.end();
});

t.test('requirements form a join-semilattice', (t) => {
  const requirement = facts.map((given) => decide(protocol, given).requirement);
  const same = (a: unknown, b: unknown) => {
    if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`);
  };
  holds(
    t,
    'associative, commutative, idempotent, with a least element',
    fc.property(requirement, requirement, requirement, (a, b, c) => {
      same(join(join(a, b), c), join(a, join(b, c)));
      same(join(a, b), join(b, a));
      same(join(a, a), a);
      same(join(leastRequirement, a), a);
      never(lowered(a, join(a, b)));
    }),
  );
  t.end();
});

t.test('4: a unit that lacks something never satisfies', (t) => {
  const some = fc.subarray([...capabilities]);
  holds(
    t,
    'satisfies exactly without shortfalls; what is short is required and not aboard',
    fc.property(some, some, (required, has) => {
      const short = shortfalls(required, has);
      if (satisfies(required, has) !== required.every((c) => has.includes(c))) throw new Error('satisfies is wrong');
      if ((short.length === 0) !== satisfies(required, has)) throw new Error('shortfalls disagree');
      if (!short.every((c) => required.includes(c) && !has.includes(c))) throw new Error('not a shortfall');
      if (!satisfies(required, [...has, ...short])) throw new Error('a shortfall is missing');
    }),
  );
  holds(
    t,
    'the class is the least that carries what is bound to a class',
    fc.property(some, (required) => {
      const bound = required.filter((capability) => !protocol.equipment.has(capability));
      const carries = (type: (typeof vehicleTypes)[number]) => satisfies(bound, [...protocol.classCapabilities[type]]);
      const expected = vehicleTypes.filter(carries)[0] ?? vehicleTypes.at(-1);
      if (vehicleTypeFor(protocol, required) !== expected) throw new Error('not the least class');
    }),
  );
  t.end();
});

t.test('5: every effect names its rule, fact and version, and can be replayed', (t) => {
  const rules = new Map(protocol.rules.map((rule) => [rule.id, rule]));
  holds(
    t,
    'the requirement is exactly what the named rules add',
    fc.property(facts, (given) => {
      const { requirement, reasons, protocolVersion } = decide(protocol, given);
      if (protocolVersion !== protocol.version) throw new Error('version');
      const added = {
        priority: 4,
        required: new Set<string>(),
        preferred: new Set<string>(),
        hospitals: new Set<string>(),
        cautions: new Set<string>(),
      };
      for (const { rule: id, fact, source, effect } of reasons) {
        const rule = rules.get(id);
        if (!rule || !fact || effect !== rule.effect || source !== rule.source)
          throw new Error(`reason ${id} is not whole`);
        added.priority = Math.min(added.priority, rule.adds.priority ?? 4);
        for (const c of rule.adds.require ?? []) added.required.add(c);
        for (const c of rule.adds.prefer ?? []) added.preferred.add(c);
        for (const c of rule.adds.hospitals ?? []) added.hospitals.add(c);
        for (const c of rule.adds.cautions ?? []) added.cautions.add(c);
      }
      const equal = (name: string, from: Iterable<string>, to: Iterable<string>) => {
        if ([...from].sort().join() !== [...to].sort().join()) throw new Error(`${name} differ`);
      };
      if (added.priority !== requirement.priority) throw new Error('priority differs');
      equal('required', added.required, requirement.required);
      equal(
        'preferred',
        [...added.preferred].filter((c) => !added.required.has(c)),
        requirement.preferred,
      );
      equal('hospitals', added.hospitals, requirement.hospitals);
      equal(
        'cautions',
        added.cautions,
        requirement.cautions.map((caution) => caution.code),
      );
    }),
  );

  // PostgreSQL gives the keys of a jsonb back in an order of its own.
  const kept = protocolFrom(Object.fromEntries(Object.entries(protocol.texts).reverse()));
  t.equal(kept.version, protocol.version);
  holds(
    t,
    'replayed from the stored files and the stored facts it is the same decision',
    fc.property(facts, (given) => {
      const stored = JSON.parse(JSON.stringify(given)) as Facts;
      if (JSON.stringify(decide(kept, stored)) !== JSON.stringify(decide(protocol, given))) throw new Error('differs');
    }),
  );
  t.end();
});

t.test('the order of the rules does not matter', (t) => {
  const files = parseProtocol(protocol.texts);
  const shuffles = fc.sample(
    fc.shuffledSubarray([...files.rules], { minLength: files.rules.length, maxLength: files.rules.length }),
    { numRuns: 20, seed: 20 },
  );
  const shuffled = shuffles.map((rules) => compileProtocol({ ...files, rules }));
  t.notSame(
    shuffled[0]?.rules.map((rule) => rule.id),
    protocol.rules.map((rule) => rule.id),
  );
  holds(
    t,
    'shuffled rules give the same decision, reasons included',
    fc.property(facts, fc.constantFrom(...shuffled), (given, other) => {
      if (JSON.stringify(decide(other, given)) !== JSON.stringify(decide(protocol, given))) throw new Error('differs');
    }),
  );
  t.end();
});

t.test('nobody known is one unknown patient', (t) => {
  holds(
    t,
    'no patient and an unknown one decide alike',
    fc.property(complaint, (asked) => {
      const none = decide(protocol, { complaint: asked, patients: [] });
      const unknown = decide(protocol, { complaint: asked, patients: [unknownPatient] });
      if (JSON.stringify(none) !== JSON.stringify(unknown)) throw new Error('differs');
    }),
  );
  t.end();
});
