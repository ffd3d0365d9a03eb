import { Database } from "bun:sqlite";

const db = new Database("/tmp/perf.db");
const ids = (db.query("select id from profiles order by rowid limit 100000").values() as string[][]).map((r) => r[0]!);
db.run("create temp table ch (seq integer primary key, kind integer, id text, bytes integer)");
db.run("insert into ch(kind,id,bytes) select 1,id,300 from profiles order by rowid limit 100000");
const time = (name: string, f: () => unknown) => {
  let best = 1e9;
  for (let i = 0; i < 5; i++) {
    const t = performance.now();
    f();
    best = Math.min(best, performance.now() - t);
  }
  console.log(name, best.toFixed(0));
};
const cols = "id,session,profile,timestamp,member,document";
for (const N of [250, 1000]) {
  const inSt = db.query(`select ${cols} from profiles where id in (${Array(N).fill("?").join()})`);
  time("in " + N, () => {
    for (let a = 0; a < 100000; a += N) inSt.all(...ids.slice(a, a + N));
  });
  const js = db.query(
    `select p.id,p.session,p.profile,p.timestamp,p.member,p.document from json_each(?) j cross join profiles p on p.id=j.value`,
  );
  time("json_each " + N, () => {
    for (let a = 0; a < 100000; a += N) js.all(JSON.stringify(ids.slice(a, a + N)));
  });
  const join = db.query(
    `select p.id,p.session,p.profile,p.timestamp,p.member,p.document from ch c cross join profiles p on p.id=c.id where c.kind=1 and c.seq>? and c.seq<=?`,
  );
  time("join " + N, () => {
    for (let a = 0; a < 100000; a += N) join.all(a, a + N);
  });
}
const one = db.query(`select ${cols} from profiles where id=?`);
time("one by one", () => {
  for (const id of ids) one.get(id);
});
