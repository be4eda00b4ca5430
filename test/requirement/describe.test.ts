/** What clients read of the protocol fits its schemas, and answers outside it are refused by name. */
import t from 'tap';
import { Compile } from 'typebox/compile';
import { Problem } from '../../src/domain/errors.ts';
import { complaintCodes } from '../../src/domain/vocabulary.ts';
import { checkAnswers } from '../../src/requirement/answers.ts';
import {
  ComplaintsReply,
  describeComplaints,
  describeProtocol,
  ProtocolReply,
} from '../../src/requirement/describe.ts';
import { loadProtocol } from '../../src/requirement/load.ts';

const protocol = loadProtocol();

t.test('complaints', (t) => {
  const reply = describeComplaints(protocol);
  t.same(Compile(ComplaintsReply).Errors(JSON.parse(JSON.stringify(reply))), []);
  t.same(
    reply.complaints.map((complaint) => complaint.code),
    complaintCodes,
  );
  const [conscious, breathing, severity] = reply.complaints.find(({ code }) => code === 'chest-pain')?.questions ?? [];
  t.same(
    conscious?.options.map((option) => option.code),
    ['yes', 'no', 'unknown'],
  );
  t.equal(conscious?.unknownCountsAs, 'no');
  t.same(
    breathing?.options.map((option) => option.code),
    ['normal', 'abnormal', 'absent', 'unknown'],
  );
  t.equal(breathing?.unknownCountsAs, 'absent');
  t.same(
    severity?.options.map((option) => option.code),
    ['mild', 'severe', 'unknown'],
  );
  t.notOk(severity && 'unknownCountsAs' in severity);
  for (const { code, questions } of reply.complaints) {
    for (const { code: question, options } of questions) {
      t.equal(
        new Set(options.map((option) => option.key)).size,
        options.length,
        `${code} ${question}: one key an option`,
      );
    }
  }
  t.end();
});

t.test('protocol', (t) => {
  const reply = describeProtocol(protocol);
  t.same(Compile(ProtocolReply).Errors(JSON.parse(JSON.stringify(reply))), []);
  t.equal(reply.version, protocol.version);
  const sources = new Set(reply.sources.map((source) => source.id));
  for (const { id, source } of reply.rules) t.ok(sources.has(source), `${id} rests on a listed source`);
  t.end();
});

t.test('answers are checked', (t) => {
  const refused = (answers: Record<string, string>) => {
    try {
      checkAnswers(protocol, { code: 'chest-pain', answers });
      return [];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      t.equal(error.status, 422);
      return error.fields.map(({ field }) => field);
    }
  };
  t.same(refused({}), []);
  t.same(refused({ conscious: 'yes', breathing: 'unknown', severity: 'unknown' }), []);
  t.same(refused({ conscious: 'maybe' }), ['complaint.answers.conscious']);
  t.same(refused({ severity: 'dreadful', colour: 'blue' }), ['complaint.answers.severity', 'complaint.answers.colour']);
  t.same(refused({ constructor: 'yes', toString: 'yes' }), [
    'complaint.answers.constructor',
    'complaint.answers.toString',
  ]);
  t.doesNotThrow(() => checkAnswers(protocol, { code: 'unknown-problem' }), 'no answers are unknown ones');
  t.end();
});
