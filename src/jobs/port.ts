/** The queue port: jobs carry ids, wake somebody up and decide nothing. Beside it, what a place to keep jobs in has to offer. */
import type { Job as BullJob, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Logger } from 'pino';

/** Ids only: a queue is neither sealed nor under the access log. */
export type JobData = Readonly<Record<string, string | number>>;

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: JobData;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface AddOptions {
  /** The same id again, while the job is waiting, running or done less than a day ago, adds nothing. */
  readonly jobId: string;
  readonly delayMs?: number;
}

export interface Queues {
  /** Resolves when the job is stored. Rejects at once, or within two seconds, when the queues cannot be reached; the caller's row stays due. */
  add(queue: string, name: string, data: JobData, options: AddOptions): Promise<void>;
  /** One job every `everyMs`, however many instances ask for it. Set again by itself when Redis comes back. */
  every(queue: string, name: string, everyMs: number): Promise<void>;
  /** Runs jobs of `queue` here. A handler that throws is tried again, later each time. */
  work(queue: string, handler: (job: Job) => Promise<void>, concurrency?: number): void;
  /** Rejects when the queues cannot be reached. */
  ping(): Promise<void>;
  /** Lets running jobs finish, for a few seconds. */
  close(): Promise<void>;
}

export type QueueLog = Pick<Logger, 'info' | 'warn' | 'error'>;
export type Processor = (job: BullJob) => Promise<void>;

/** What differs between the two places jobs are kept in. */
export interface QueueStore {
  /** Rejects when the store cannot be reached. */
  queue(name: string): Promise<Queue>;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): Worker;
  /** Calls back now, if it can be reached, and each time it comes back. */
  onReady(listener: () => void): void;
  ping(): Promise<unknown>;
  /** `workers` are closed by then, or took too long to. */
  close(): Promise<void>;
}

/** The queues cannot be reached; nothing was stored. */
export class QueuesUnavailable extends Error {
  override readonly name = 'QueuesUnavailable';
  readonly code = 'queues-unavailable';
}
