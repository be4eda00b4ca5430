/** The one registry of refusals: code → HTTP status and message. Errors leave as RFC 9457 problem details. */

const registry = {
  'bad-request': [400, 'The request is not well formed.'],
  'invalid-field': [422, 'A field has a value that cannot be accepted.'],
  'nothing-to-find-by': [422, 'A call needs a caller phone, a device, a position or an address.'],
  'received-in-future': [422, 'The time of the call lies in the future.'],
  'received-too-long-ago': [422, 'The time of the call lies more than a day back.'],
  'bad-phone': [422, 'A phone number is not valid.'],
  'bad-citizen-number': [422, 'A citizen number does not match its check digit or birth date (GB 11643).'],
  'identifier-mismatch': [422, 'The identifier in the body is not the one in the path.'],
  'idempotency-mismatch': [422, 'This Idempotency-Key was used before with another body.'],
  'unit-below-requirement': [422, 'The unit lacks what the patient needs; say why it is sent all the same.'],
  'unknown-unit': [422, 'There is no such unit.'],
  'unknown-responder': [422, 'No such first responder is registered.'],
  'time-point-before-call': [422, 'The time point lies before the call.'],
  'time-point-in-future': [422, 'The time point lies in the future.'],
  'unknown-resident': [422, 'No such resident is filed.'],
  unauthenticated: [401, 'A valid bearer token is needed.'],
  forbidden: [403, 'This role may not do that.'],
  'no-live-call': [403, 'Residents are looked up during a live call only.'],
  'several-residents': [412, 'More than one resident fits what identifies the patient.'],
  'not-found': [404, 'There is no such thing here.'],
  'method-not-allowed': [405, 'This method is not offered here.'],
  'another-person': [409, "The file is somebody else's: name and birth date differ."],
  'delivery-not-dead': [409, 'The delivery is no dead letter: it waits for its turn, or is through.'],
  'call-ended': [409, 'The call has ended.'],
  'unit-not-available': [409, 'The unit cannot be claimed: another call has it, or it is not free.'],
  'status-not-allowed': [409, 'The unit cannot go from its status to that one.'],
  'locate-over': [409, 'This request is closed.'],
  'locate-held': [409, 'Somebody else holds this request.'],
  'locate-not-held': [409, 'Only whoever holds this request can answer or decline it; accept it first.'],
  'locate-far': [409, 'The position is far from all that is known; send it again with `confirmFar` if it is right.'],
  'outcome-superseded': [409, 'This report was corrected by a later one; that one stands.'],
  'follow-up-ended': [409, 'This follow-up was done or cancelled already.'],
  'entry-changed': [409, 'An entry with this id says something else already; amend it, nothing is overwritten.'],
  'responder-not-available': [409, 'The first responder is on a call already.'],
  'suggestion-not-open': [409, 'The suggestion was decided otherwise, or is withdrawn.'],
  'alert-not-open': [409, 'The alert was answered otherwise, or is over.'],
  'call-changed': [409, 'The call is being changed by others; read it again.'],
  'not-acceptable': [406, 'None of the formats asked for is offered here.'],
  'request-timeout': [408, 'The request did not arrive in time.'],
  'body-too-large': [413, 'The body is larger than is accepted here.'],
  'unsupported-media-type': [415, 'This content type is not accepted here.'],
  'upgrade-required': [426, 'This is a websocket: ask for an upgrade.'],
  'too-many-requests': [429, 'Too many requests; try again later.'],
  'headers-too-large': [431, 'The header of the request is larger than is accepted here.'],
  'shutting-down': [503, 'The service is stopping; try another instance.'],
  'database-unavailable': [503, 'The database does not answer. Send it again with the same Idempotency-Key.'],
  crossed: [503, 'It crossed with another request and was rolled back. Send it again with the same Idempotency-Key.'],
  'identity-provider-unavailable': [503, 'Tokens cannot be checked at the moment; send it again.'],
  internal: [500, 'Something went wrong here; nothing is known to be wrong with the request.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ProblemCode = keyof typeof registry;
export const problemCodes = Object.keys(registry) as ProblemCode[];

/** One refused field. `detail` never repeats the value: it may be personal. */
export interface FieldProblem {
  readonly field: string;
  readonly detail: string;
}

/** A refusal on its way to the edge. Expected outcomes of an operation are values instead; this is for bad input and failed dependencies. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly fields: readonly FieldProblem[];

  /** Members beside the standard ones, e.g. fresh candidates. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    fields: readonly FieldProblem[] = [],
    { extra = {}, ...options }: ErrorOptions & { readonly extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    const [status, message] = registry[code];
    super(message, options);
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.extra = extra;
  }

  /** The RFC 9457 body. */
  toJSON() {
    const names = this.fields.map((f) => `${f.field}: ${f.detail}`).join('; ');
    return {
      type: `about:blank#${this.code}`,
      title: this.message,
      status: this.status,
      code: this.code,
      detail: names || this.message,
      ...(this.fields.length ? { fields: this.fields } : {}),
      ...this.extra,
    };
  }
}

export const refuseField = (field: string, detail: string, code: ProblemCode = 'invalid-field') =>
  new Problem(code, [{ field, detail }]);
