import { expect, test } from "bun:test";
import { cpuSecondsIn, mbIn, memoryOf } from "./process-figures.ts";

test("memory is told in 10^6 bytes", () => {
  const status = "Name:\tbun\nVmHWM:\t   60000 kB\nVmRSS:\t   50000 kB\n";
  expect([mbIn(status, "VmRSS"), mbIn(status, "VmHWM")]).toEqual([51.2, 61.44]);
  expect(mbIn(status, "VmSwap")).toBeNaN();
});

test("processor time is that of programs and kernel, whatever the program is called", () => {
  const fields = "S 1 1 1 0 -1 4194560 3006 0 0 0 250 50 0 0 20 0 9 0";
  expect(cpuSecondsIn(`4711 (a b) c) ${fields}`)).toBe(3);
});

test("this process has memory", () => {
  expect(memoryOf(process.pid).residentMb).toBeGreaterThan(1);
});

test("a process that is gone has no figures", () => {
  expect(memoryOf(2 ** 30).peakMb).toBeNaN();
});
