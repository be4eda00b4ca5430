/** How people outside are told: what a message is, and what can be sent. Adapters know how. */

const channelNames = ['webhook', 'email', 'sms'] as const;
export type ChannelName = (typeof channelNames)[number];

export interface Outbound {
  /** What this installation can use. */
  readonly channels: readonly ChannelName[];
  /** Posts `body`, signed with `secret`. `id` stays the same when it is sent again. Rejects with a `NotDelivered`. */
  webhook(to: { readonly url: string; readonly secret: string }, id: string, body: string): Promise<void>;
  /** To all of them. */
  email(to: readonly string[], id: string, mail: { readonly subject: string; readonly text: string }): Promise<void>;
  sms(to: readonly string[], id: string, text: string): Promise<void>;
  close(): void;
}

export const failures = [
  'unreachable',
  'timed-out',
  'redirected',
  'refused-by-receiver',
  'receiver-failed',
  'private-address',
  'not-secure',
  'too-large',
  'no-address',
] as const;
export type Failure = (typeof failures)[number];

/** It did not arrive, as far as anybody can tell. The reason names no address, host or number. */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`not delivered: ${failure}`, options);
    this.failure = failure;
  }
}
