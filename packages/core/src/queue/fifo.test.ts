import { describe, expect, test } from "bun:test";
import { seededRandom } from "../testing/fake-clock.ts";
import { Fifo, type Placed } from "./fifo.ts";

interface Item extends Placed<Item> {
  readonly n: number;
}

function itemOf(n: number): Item {
  return { n, line: undefined, ahead: undefined, behind: undefined };
}

function filled(count: number): { fifo: Fifo<Item>; items: Item[] } {
  const fifo = new Fifo<Item>();
  const items = Array.from({ length: count }, (_, n) => itemOf(n));
  for (const item of items) fifo.push(item);
  return { fifo, items };
}

describe("a line", () => {
  test("gives items in the order in which they came", () => {
    const { fifo, items } = filled(3);
    expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([...items, undefined]);
    expect(fifo.size).toBe(0);
  });

  test("shows its first item without taking it", () => {
    const { fifo, items } = filled(2);
    expect(fifo.peek()).toBe(items[0]);
    expect(fifo.peek()).toBe(items[0]);
    expect(fifo.size).toBe(2);
  });

  test("lets an item go from any place, once", () => {
    const { fifo, items } = filled(4);
    const [first, , third] = items;
    expect(third !== undefined && fifo.remove(third)).toBe(true);
    expect(third !== undefined && fifo.remove(third)).toBe(false);
    expect(first !== undefined && fifo.remove(first)).toBe(true);
    expect(fifo.size).toBe(2);
    expect([fifo.shift()?.n, fifo.shift()?.n, fifo.shift()]).toEqual([1, 3, undefined]);
  });

  test("does not know an item that has left, or never came", () => {
    const { fifo } = filled(1);
    const item = fifo.shift();
    expect(item !== undefined && fifo.remove(item)).toBe(false);
    expect(fifo.remove(itemOf(0))).toBe(false);
    expect(fifo.size).toBe(0);
  });

  test("does not know an item that stands in another line", () => {
    const [here, there] = [filled(2), filled(2)];
    expect(there.items.map((item) => here.fifo.remove(item))).toEqual([false, false]);
    expect(here.fifo.size).toBe(2);
    expect([there.fifo.shift(), there.fifo.shift()]).toEqual(there.items);
  });

  test("takes an item again that has left a line", () => {
    const { fifo, items } = filled(2);
    const first = fifo.shift();
    if (first !== undefined) fifo.push(first);
    expect([fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([items[1], items[0], undefined]);
  });

  test("lets a hundred thousand items go from its end, each in constant time", () => {
    const { fifo, items } = filled(100_000);
    // A search for each would take 5 * 10^9 steps, longer than a test may.
    expect(items.toReversed().every((item) => fifo.remove(item))).toBe(true);
    expect(fifo.size).toBe(0);
    expect(fifo.peek()).toBeUndefined();
  });

  test("keeps its order over many times its own length", () => {
    const { fifo } = filled(10);
    let next = 10;
    for (let n = 0; n < 50_000; n++) {
      expect(fifo.shift()?.n).toBe(n);
      fifo.push(itemOf(next++));
    }
    expect(fifo.size).toBe(10);
  });

  test("does what an array does, whatever is asked of it", () => {
    const random = seededRandom(3);
    const fifo = new Fifo<Item>();
    const model: Item[] = [];
    for (let step = 0; step < 20_000; step++) {
      const choice = random();
      const some = model[Math.floor(random() * model.length)];
      if (choice < 0.5) {
        const item = itemOf(step);
        fifo.push(item);
        model.push(item);
      } else if (choice < 0.8) {
        expect(fifo.shift()).toBe(model.shift());
      } else if (some !== undefined) {
        expect(fifo.remove(some)).toBe(true);
        model.splice(model.indexOf(some), 1);
      }
      expect(fifo.size).toBe(model.length);
      expect(fifo.peek()).toBe(model[0]);
    }
  });
});
