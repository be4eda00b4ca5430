/** The protocol as clients read it: complaints with their questions, and the rules with what they rest on. */
import { type Static, Type } from 'typebox';
import { type ComplaintCode, capabilities, complaintCodes, oneOf, vehicleTypes } from '../domain/vocabulary.ts';
import type { Complaint, Protocol } from './load.ts';
import { Effect, GroupEntry, Label, RuleEntry, Source } from './schema.ts';

const OptionView = Type.Object({
  code: Type.String(),
  label: Label,
  key: Type.String({ description: 'one key to press' }),
});
const ComplaintView = Type.Object({
  code: oneOf(complaintCodes),
  label: Label,
  base: Effect,
  questions: Type.Array(
    Type.Object({
      code: Type.String(),
      text: Label,
      options: Type.Array(OptionView, { description: 'least to most serious, then unknown' }),
      unknownCountsAs: Type.Optional(Type.String({ description: 'the option a missing or unknown answer stands for' })),
    }),
  ),
});
export const ComplaintsReply = Type.Object({ protocolVersion: Type.String(), complaints: Type.Array(ComplaintView) });
export type ComplaintsReply = Static<typeof ComplaintsReply>;

export const ProtocolReply = Type.Object({
  version: Type.String(),
  notice: Label,
  reviewDate: Type.String(),
  vehicles: Type.Array(
    Type.Object({ type: oneOf(vehicleTypes), label: Label, capabilities: Type.Array(oneOf(capabilities)) }),
  ),
  equipment: Type.Array(oneOf(capabilities), { description: 'capabilities any class may carry' }),
  sources: Type.Array(Type.Object({ ...Source.properties, id: Type.String() })),
  groups: Type.Array(Type.Object({ ...GroupEntry.properties, id: Type.String() })),
  rules: Type.Array(
    Type.Object({ ...RuleEntry.properties, effect: Type.String({ description: 'adds, in the words reasons use' }) }),
  ),
});
export type ProtocolReply = Static<typeof ProtocolReply>;

const unknownOption = { code: 'unknown', label: { zh: '不清楚', en: 'Unknown' }, key: 'u' };

function complaintView(code: ComplaintCode, { label, base, questions }: Complaint) {
  return {
    code,
    label,
    base: base.adds,
    questions: [...questions].map(([name, { text, options, ranks, unknownRank }]) => {
      const worst = [...ranks.keys()][unknownRank];
      return {
        code: name,
        text,
        options: [
          ...Object.entries(options).map(([option, { zh, en, key }]) => ({ code: option, label: { zh, en }, key })),
          unknownOption,
        ],
        ...(worst === undefined ? {} : { unknownCountsAs: worst }),
      };
    }),
  };
}

/** What `GET /v1/complaints` answers. */
export function describeComplaints(protocol: Protocol): ComplaintsReply {
  return {
    protocolVersion: protocol.version,
    complaints: [...protocol.complaints].map(([code, complaint]) => complaintView(code, complaint)),
  };
}

/** What `GET /v1/protocol` answers. */
export function describeProtocol(protocol: Protocol): ProtocolReply {
  return {
    version: protocol.version,
    notice: protocol.notice,
    reviewDate: protocol.reviewDate,
    vehicles: vehicleTypes.map((type) => ({
      type,
      label: protocol.vehicleLabels[type],
      capabilities: [...protocol.classCapabilities[type]],
    })),
    equipment: [...protocol.equipment],
    sources: [...protocol.sources].map(([id, source]) => ({ id, ...source })),
    groups: [...protocol.groups].map(([id, group]) => ({ id, ...group })),
    rules: protocol.rules.map(({ id, source, when, adds, effect }) => ({ id, source, when, adds, effect })),
  };
}
