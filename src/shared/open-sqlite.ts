import Database from 'better-sqlite3';

/*
 * Node 24.19 and newer abort the process ("Assertion failed: (env) != nullptr") when the garbage collector frees an
 * object of better-sqlite3 while no JavaScript runs: the binding was built on node::ObjectWrap, whose destructor there
 * wants an environment that isn't entered. So none of its objects is ever left to the collector: databases and
 * statements are kept until the process or thread ends, which frees them properly, and pragmas, whose statements the
 * library would throw away, use kept ones. Statements are few: the store prepares each text once.
 *
 * `iterate()` and `backup()` make objects that can't be kept; don't use them.
 */

const kept: object[] = [];

function keep<T extends object>(made: T): T {
  kept.push(made);
  return made;
}

/**
 * Opens a SQLite file so that the garbage collector never frees what belongs to it. Everything that opens one goes
 * through here.
 * @throws Database.SqliteError as better-sqlite3 does
 */
export function openSqlite(file: string, options: Database.Options = {}): Database.Database {
  const db = keep(new Database(file, options));
  const prepare = db.prepare.bind(db);
  const pragmas = new Map<string, Database.Statement>();
  Object.defineProperties(db, {
    prepare: { value: (sql: string) => keep(prepare(sql)) },
    pragma: {
      value: (source: string, how: Database.PragmaOptions = {}) => {
        let statement = pragmas.get(source);
        if (statement === undefined) {
          statement = keep(prepare(`PRAGMA ${source}`));
          pragmas.set(source, statement);
        }
        if (!statement.reader) return statement.run();
        return how.simple === true ? statement.pluck(true).get() : statement.pluck(false).all();
      },
    },
  });
  return db;
}

/** Pages of the write-ahead log, of 4 KB each, with which it is moved into the database. */
const PAGES_IN_LOG = 4000;

/**
 * Sets up the connection of a thread that writes all the time. Moving the log into the database takes two syncs, and holds up
 * whoever waits for a commit: with a log four times as long as by default there are few of them, and pages that were written
 * several times are moved once. What a statement may have to undo stays in memory: by default much of it goes to a file in the
 * system's folder for such, addresses and all.
 */
export function forMuchWriting(db: Database.Database): void {
  db.pragma(`wal_autocheckpoint = ${PAGES_IN_LOG}`);
  db.pragma('temp_store = MEMORY');
}
