/** What the demonstration's hospitals say: of every complaint something a hospital could say, and the same when asked again. */
import t from 'tap';
import { checkOutcome } from '../../src/care/outcome.ts';
import { reportOf } from '../../src/demo/hospitals.ts';
import { complaintCodes } from '../../src/domain/vocabulary.ts';
import { NOW } from '../support/service.ts';

t.test('a report of every complaint', async (t) => {
  for (const complaint of complaintCodes)
    for (let seed = 0; seed < 20; seed++) {
      const handed = { callId: `call-${seed}`, revision: 1, complaint, arrivedAt: NOW };
      const report = reportOf(handed, seed);
      t.doesNotThrow(() => checkOutcome(report, NOW), complaint);
      t.same(reportOf(handed, seed), report);
      t.match(report.diagnoses, [{ system: 'icd-10', code: /^[A-Z]\d\d(\.\d)?$/, display: /./ }]);
      t.match(report.advice, /虚构/, 'and says that it is invented');
    }
});
