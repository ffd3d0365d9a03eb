/** What must hold of a database file whatever happened to the programs that wrote it. */
import { Database } from "bun:sqlite";
import { expect } from "bun:test";

/** Runs `look` on a connection of its own. */
export function inspect<T>(path: string, look: (database: Database) => T): T {
  const database = new Database(path);
  try {
    return look(database);
  } finally {
    database.close();
  }
}

/** The single value of a query. */
export function singleValue(database: Database, sql: string): unknown {
  return database.query(sql).values()[0]?.[0];
}

/** Expects an undamaged file whose sessions count their profiles rightly. */
export function expectSound(path: string): void {
  inspect(path, (database) => {
    expect(singleValue(database, "pragma integrity_check")).toBe("ok");
    const counts = database.query("select id, profile_count from sessions order by id").values();
    expect(counts).toEqual(
      database.query("select session, count(*) from profiles group by session order by session").values(),
    );
  });
}

/** The ids of all profiles. */
export function storedIds(path: string): string[] {
  return inspect(path, (database) =>
    database
      .query<{ id: string }, []>("select id from profiles")
      .all()
      .map(({ id }) => id),
  );
}
