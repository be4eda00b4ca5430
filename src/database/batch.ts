/**
 * Group commit: whatever arrives while a statement is under way goes together in the next one. An idle service adds no
 * wait; a busy one spends one round trip and one flush of the log on many calls.
 */
export interface BatchOptions {
  readonly atMost: number;
}

/**
 * Turns a function over many items into one over a single item, with one batch under way at a time. When a batch of
 * several fails over something in it, or as the loser of a deadlock, each item is tried alone, so that one bad item fails
 * by itself. A connection that broke or a database that hangs is nobody's fault: all fail at once, and none is written
 * twice.
 */
export function batched<In, Out>(
  run: (items: readonly In[]) => Promise<readonly Out[]>,
  { atMost }: BatchOptions,
): (item: In) => Promise<Out> {
  interface Waiting {
    readonly item: In;
    resolve(out: Out): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];
  let busy = false;
  let beginning: NodeJS.Immediate | undefined;

  /** Runs a batch; answers what is left to do, which is to let those go on that waited for it. */
  async function runOne(batch: readonly Waiting[]): Promise<() => void> {
    try {
      const results = await run(batch.map((w) => w.item));
      return () => {
        for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Out);
      };
    } catch (error) {
      if (batch.length > 1 && isOverAnItem(error)) {
        for (const single of batch) (await runOne([single]))();
        return () => {};
      }
      return () => {
        for (const { reject } of batch) reject(error);
      };
    }
  }

  async function drain(): Promise<void> {
    clearImmediate(beginning);
    beginning = undefined;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atMost);
      waiting = waiting.slice(atMost);
      const letGo = await runOne(batch);
      // Once the next statement is sent: the database works on it while this process works on what came back.
      if (waiting.length > 0) setImmediate(letGo);
      else letGo();
    }
    busy = false;
  }

  return (item) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // A full batch gains nothing by waiting for more: the database works while the rest of a flood is read.
      if (beginning && waiting.length >= atMost) void drain();
      if (busy) return;
      busy = true;
      // After this turn of the event loop, so that calls read from their sockets in the same turn go together.
      beginning = setImmediate(() => void drain());
    });
}

/**
 * SQLSTATE class 22 (data) and 23 (constraint): the statement was refused whole for something one item holds. 40001 and
 * 40P01: it was rolled back for another's sake. After each of them nothing of it is stored.
 */
const isOverAnItem = (error: unknown): boolean =>
  /^(?:2[23]...|40001|40P01)$/.test(String((error as { code?: unknown }).code));
