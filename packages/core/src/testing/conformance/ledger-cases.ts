/** What a database remembers of its copy in object storage, which several processes may want to make. */
import assert from "node:assert/strict";
import { type ConformanceCase, casesOf } from "./case.ts";
import { noting } from "./noted-changes.ts";
import { sampleEventInputs } from "./sample-rows.ts";

const ALL = { maxRows: 10_000, maxBytes: Number.MAX_SAFE_INTEGER };

export const ledgerCases: readonly ConformanceCase[] = casesOf("the record of a copy", {
  "a copy begins once, however many begin it": async ({ newStore }) => {
    const { ledger } = await noting(newStore());
    const heads = await Promise.all(["a", "b", "c", "d"].map((source) => ledger.begin(source)));
    const head = { source: "the copy of this case", sequence: 0, sha256: "", committedAt: 0 };
    assert.deepEqual(heads, [head, head, head, head]);
    assert.deepEqual(await ledger.head(), head);
  },

  "of those who move the head from the same place one does, and only what it copied is forgotten": async ({
    newStore,
  }) => {
    const store = newStore();
    const { ledger, changes } = await noting(store);
    await store.insertEvents(sampleEventInputs(40));
    const numbers = (await changes.page(ALL)).map(({ seq }) => seq);
    const head = await ledger.begin("another");
    const nexts = [1, 2, 3, 4].map((n) => ({ sequence: 1, sha256: `object ${n}`, committedAt: 1_800_000_000_000 + n }));
    const outcomes = await Promise.all(
      nexts.map((next, n) => ledger.advance(head, next, numbers.slice(n * 10, n * 10 + 10))),
    );
    assert.deepEqual(outcomes.toSorted(), [false, false, false, true]);
    const winner = outcomes.indexOf(true);
    assert.deepEqual(await ledger.head(), { source: head.source, ...nexts[winner] });
    const left = (await changes.page(ALL)).map(({ seq }) => seq);
    const copied = new Set(numbers.slice(winner * 10, winner * 10 + 10));
    assert.deepEqual(
      left,
      numbers.filter((number) => !copied.has(number)),
    );
    assert.equal(await ledger.advance(head, { sequence: 1, sha256: "late", committedAt: 2 }, left), false);
    assert.equal(await ledger.advance({ ...head, source: "b", sequence: 1 }, { ...head, sequence: 2 }, left), false);
    assert.equal(await changes.count(), 30);
  },

  "an object that was about to be put is known until the head is there": async ({ newStore }) => {
    const { ledger } = await noting(newStore());
    const head = await ledger.begin("another");
    await Promise.all([ledger.intend(1, "a"), ledger.intend(1, "b"), ledger.intend(1, "a"), ledger.intend(2, "a")]);
    await ledger.intend(1, "a");
    assert.equal(await ledger.intended(1, "a"), true);
    assert.equal(await ledger.intended(1, "c"), false);
    assert.equal(await ledger.intended(3, "a"), false);
    await ledger.advance(head, { sequence: 1, sha256: "a", committedAt: 1 }, []);
    assert.equal(await ledger.intended(1, "a"), false);
    assert.equal(await ledger.intended(2, "a"), true);
  },

  "one copies at a time, until its time is over or it lets go": async ({ newStore }) => {
    const { ledger } = await noting(newStore());
    const now = 1_800_000_000_000;
    const outcomes = await Promise.all(["a", "b", "c"].map((holder) => ledger.hold(holder, now + 1000, now)));
    assert.deepEqual(outcomes.toSorted(), [false, false, true]);
    const [holder = "", other = ""] = outcomes[0] ? ["a", "b"] : outcomes[1] ? ["b", "a"] : ["c", "a"];
    assert.equal(await ledger.hold(holder, now + 1000, now + 1), true, "the same time again");
    assert.equal(await ledger.hold(holder, now + 2000, now + 500), true);
    assert.equal(await ledger.hold(other, now + 9000, now + 1500), false);
    assert.equal(await ledger.hold(other, now + 9000, now + 2001), true);
    await ledger.letGo(holder);
    assert.equal(await ledger.hold(holder, now + 9000, now + 2002), false, "it was another's to let go");
    await ledger.letGo(other);
    assert.equal(await ledger.hold(holder, now + 9000, now + 2003), true);
  },

  "notes are kept by name, and found by how it begins": async ({ newStore }) => {
    const { notes } = await noting(newStore());
    const value = { text: "é👍", list: [1, null, { deep: true }], number: 9_007_199_254_740_991 };
    assert.equal(await notes.get("checkpoint"), undefined);
    await notes.set("checkpoint", value);
    await notes.set("checkpoint", value);
    assert.deepEqual(await notes.get("checkpoint"), value);
    await Promise.all([1, 2, 3, 4].map((n) => notes.set("race", n)));
    assert.ok([1, 2, 3, 4].includes(Number(await notes.get("race"))));
    for (const name of ["part/2", "part/10", "part/1", "parts", "par"]) await notes.set(name, name);
    assert.deepEqual(await notes.all("part/"), ["part/1", "part/10", "part/2"]);
    await notes.forget("part/1");
    await notes.forget("part/1");
    assert.deepEqual(await notes.all("part/"), ["part/10", "part/2"]);
    await notes.forget("part/", "prefix");
    assert.deepEqual(await notes.all("par"), ["par", "parts"]);
  },
});
