/** Reports find their calls: on invented reports with realistic faults, right or not at all. */
import t from 'tap';
import { heldOut, measureLinkage } from '../../bench/care-linkage.ts';
import { certainLink, linkReport } from '../../src/care/linkage.ts';
import { nobodySaid, type PersonSaid, personEvidence } from '../../src/residents/match/person.ts';

t.test('ten thousand calls and a fifth of their reports, on seeds the rates were not judged by', async (t) => {
  const measured = heldOut.slice(0, 3).map((seed) => measureLinkage({ outcomes: 10_000, seed, share: 0.2 }));
  const sum = (of: 'right' | 'wrong' | 'reported') => measured.reduce((total, each) => total + each[of], 0);
  const sensitivity = sum('right') / sum('reported');
  const predictiveValue = sum('right') / (sum('right') + sum('wrong'));
  t.ok(sensitivity >= 0.99, `sensitivity ${sensitivity}`);
  t.ok(predictiveValue >= 0.999, `positive predictive value ${predictiveValue}`);
});

t.test('time and place alone are nobody', async (t) => {
  const nobody: PersonSaid = {
    name: null,
    birthDate: null,
    ageYears: null,
    sex: 'male',
    idNumber: null,
    phones: [],
    address: null,
  };
  const call = {
    callId: 'c',
    callNumber: 1,
    receivedAt: 0,
    atDestination: 60_000,
    hospitalIds: ['h'],
    persons: [nobody],
  };
  const report = { person: nobody, arrivedAt: 60_000, hospitalId: 'h', callNumber: null };
  const compare = (a: PersonSaid, b: PersonSaid) => personEvidence(a, b, 0);
  t.equal(certainLink(linkReport(report, [call], compare)), null);
  t.equal(certainLink(linkReport({ ...report, callNumber: 1 }, [call], compare))?.callId, 'c', 'the number is');
  t.equal(certainLink([]), null);
});

t.test('an account that says nothing does not speak for one that contradicts', async (t) => {
  const filed: PersonSaid = { ...nobodySaid, name: '钱虚构', birthDate: '1960-03-02', sex: 'female' };
  const call = {
    callId: 'c',
    callNumber: 1,
    receivedAt: 0,
    atDestination: null,
    hospitalIds: ['h'],
    persons: [filed, nobodySaid],
  };
  const person: PersonSaid = { ...nobodySaid, name: '周另人', birthDate: '1988-01-01', sex: 'male' };
  const [link] = linkReport({ person, arrivedAt: 1_800_000, hospitalId: 'h', callNumber: null }, [call], (a, b) =>
    personEvidence(a, b, 0),
  );
  t.ok((link?.confidence ?? 1) < 0.05, String(link?.confidence));
});
