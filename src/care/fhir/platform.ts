/** The external record platform over HTTP: a transaction or a content in, taken or not out. */
import type { Binary, Bundle } from '@medplum/fhirtypes';
import { FHIR_JSON } from './answers.ts';
import type { Failure } from './delivery.ts';

export interface PlatformSettings {
  /** Where it takes transactions, without a slash at the end. */
  readonly baseUrl: string;
  /** Bearer token; null where the network itself is trusted. */
  readonly token: string | null;
  /** Longer than any answer of theirs should take; one that takes longer counts as none. */
  readonly answerSeconds: number;
}

/** `null`: all of it is there now. A Binary goes alone, under its id; sent twice it is there once. */
export type Send = (sent: Bundle | Binary) => Promise<Failure | null>;

export function createSend({ baseUrl, token, answerSeconds }: PlatformSettings): Send {
  const headers = {
    'content-type': FHIR_JSON,
    accept: FHIR_JSON,
    prefer: 'return=minimal',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return async (sent) => {
    const isContent = sent.resourceType === 'Binary';
    const [method, url] = isContent ? ['PUT', `${baseUrl}/Binary/${sent.id}`] : ['POST', baseUrl];
    const body = JSON.stringify(sent);
    const signal = AbortSignal.timeout(answerSeconds * 1000);
    try {
      const answer = await fetch(url, { method, headers, body, signal, redirect: 'error' });
      const text = await answer.text();
      if (!answer.ok) return { status: answer.status, retryAfterSeconds: secondsOf(answer.headers.get('retry-after')) };
      return isContent || isResponse(text) ? null : { status: null, kind: 'no-response-bundle' };
    } catch (error) {
      const timeout = error instanceof Error && error.name === 'TimeoutError';
      return { status: null, kind: timeout ? 'timeout' : 'unreachable' };
    }
  };
}

const secondsOf = (header: string | null): number | null =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;

/** A login page answers 200 as well; only a transaction-response says that the transaction was one. */
function isResponse(text: string): boolean {
  try {
    const answer = JSON.parse(text) as { readonly resourceType?: unknown; readonly type?: unknown } | null;
    return answer?.resourceType === 'Bundle' && answer.type === 'transaction-response';
  } catch {
    return false;
  }
}
