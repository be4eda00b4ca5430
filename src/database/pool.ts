/** Connections to PostgreSQL, and the one type that serves pool and transaction alike. */
import pg from 'pg';

/** `query_timeout` in milliseconds: the driver knows it for a single statement, its typings do not. */
export type Statement = pg.QueryConfig & { readonly query_timeout?: number };

/** A pool or a client in a transaction: the first argument of every store function. */
export interface Executor {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(query: Statement): Promise<pg.QueryResult<Row>>;
}

// Sequence numbers and counts stay far below 2^53, so bigint is read as a number.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

export interface PoolOptions {
  /** Connections at most; the embedded database takes turns on one session, so few are enough there. */
  readonly max?: number;
  /** Called when an idle connection breaks; without a listener Node would end the process. */
  readonly onError?: (error: Error) => void;
}

export function openPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    // A statement that hangs must not hold a caller on the line.
    statement_timeout: 30_000,
    application_name: 'precision-dispatch',
  });
  pool.on('error', options.onError ?? (() => {}));
  // Between two users nobody listens to a connection. One that says then that its server is gone would end the process; as
  // it is, the next user is told by their first statement.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export const inTransaction = <T>(pool: pg.Pool, work: (tx: Executor) => Promise<T>): Promise<T> =>
  transaction(pool, 'BEGIN', work);

/** The same for reading: all statements see the database as of the first one. */
export const inSnapshot = <T>(pool: pg.Pool, work: (tx: Executor) => Promise<T>): Promise<T> =>
  transaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work);

async function transaction<T>(pool: pg.Pool, begin: string, work: (tx: Executor) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks between two statements says so by an event, which would end the process unheard.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
