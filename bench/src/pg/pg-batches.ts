/** The forms of a statement with a thousand rows. Each leaves rows alone that are there already, as a batch must that may be repeated. */
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { asJson, type RawForm } from "../database-server/raw-batches.ts";
import type { SampleValues } from "../rows.ts";
import { int8Array, textArray } from "./binary-arrays.ts";

const COLUMNS = "id, session, profile, timestamp, member, document";
const KEEP = "on conflict (id) do nothing";

const INSERT_JSON = `insert into profiles (${COLUMNS}) select ${COLUMNS} from json_to_recordset($1::json)
  as given (id text, session text, profile jsonb, timestamp bigint, member text, document text) ${KEEP}`;

const INSERT_ARRAYS = `insert into profiles (${COLUMNS}) select id, session, profile::jsonb, timestamp, member, document
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[]) as given (${COLUMNS}) ${KEEP}`;

/** A form that is one statement. */
function oneStatement(name: string, text: string, valuesOf: (rows: readonly SampleValues[]) => unknown[]): RawForm {
  return {
    name,
    connect: async (url) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return {
        write: (rows) => client.query({ name: "insert_profiles", text, values: valuesOf(rows) }),
        close: () => client.end(),
      };
    },
  };
}

/** Into a table of the connection's own, from which those rows go on that are new. */
const copy: RawForm = {
  name: "COPY",
  connect: async (url) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create temporary table given on commit delete rows as select ${COLUMNS} from profiles limit 0`);
    return {
      write: async (rows) => {
        await client.query("begin");
        const stream: Writable = client.query(copyFrom(`copy given (${COLUMNS}) from stdin`));
        stream.end(rows.map(asCopyLine).join(""));
        await finished(stream);
        await client.query(`insert into profiles (${COLUMNS}) select ${COLUMNS} from given ${KEEP}; commit`);
      },
      close: () => client.end(),
    };
  },
};

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A row as COPY takes it in its text format. */
export function asCopyLine(row: SampleValues): string {
  const fields = row.map((value) => String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? ""));
  return `${fields.join("\t")}\n`;
}

export const PG_BATCHES: readonly RawForm[] = [
  oneStatement("json_to_recordset", INSERT_JSON, (rows) => [asJson(rows, "object")]),
  oneStatement("unnest of texts", INSERT_ARRAYS, columnsOf),
  oneStatement("unnest of binary arrays", INSERT_ARRAYS, (rows) => {
    const [ids, sessions, profiles, timestamps, members, documents] = columnsOf(rows);
    return [ids, sessions, profiles]
      .map(textArray)
      .concat(int8Array(timestamps), textArray(members), textArray(documents));
  }),
  copy,
];

function columnsOf(
  rows: readonly SampleValues[],
): [
  ids: string[],
  sessions: string[],
  profiles: string[],
  timestamps: number[],
  members: string[],
  documents: string[],
] {
  return [
    rows.map((row) => row[0]),
    rows.map((row) => row[1]),
    rows.map((row) => row[2]),
    rows.map((row) => row[3]),
    rows.map((row) => row[4]),
    rows.map((row) => row[5]),
  ];
}
