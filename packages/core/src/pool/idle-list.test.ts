import { expect, test } from "bun:test";
import { seededRandom } from "../testing/fake-clock.ts";
import { Entry } from "./entry.ts";
import { IdleList, type Selection } from "./idle-list.ts";

test.each(["lifo", "round-robin"] as Selection[])("a %s list keeps its order under any removal", (selection) => {
  const random = seededRandom(3);
  const list = new IdleList<number>(selection);
  let model: Entry<number>[] = [];
  for (let step = 0; step < 5000; step++) {
    const dice = random();
    if (dice < 0.5) {
      const entry = new Entry(step, 0, 1, 0);
      const used = random() < 0.5;
      if (used) list.addUsed(entry);
      else list.addUnused(entry);
      model = used && selection === "lifo" ? [entry, ...model] : [...model, entry];
    } else {
      const entry = model[Math.floor(random() * model.length)];
      if (entry !== undefined) list.remove(entry, "lent");
      model = model.filter((other) => other !== entry);
    }
    expect(list.size).toBe(model.length);
    const order: number[] = [];
    for (let entry = list.first; entry !== undefined; entry = entry.next) order.push(entry.resource);
    expect(order).toEqual(model.map((entry) => entry.resource));
  }
});
