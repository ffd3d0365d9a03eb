/** What a sync measures, in a store's metrics. docs/metrics.md lists it. */
import type { MetricSet, SyncStatus } from "@telepool/core";
import type { SyncRecord } from "./sync-record.ts";

/** Adds the instruments. */
export function defineSyncMetrics(set: MetricSet, record: SyncRecord, status: () => SyncStatus): void {
  const gauge = (name: string, unit: string, description: string, value: (now: SyncStatus) => number | null): void => {
    set.gauge({ name: `telepool.sync.${name}`, unit, description }, () => {
      const read = value(status());
      return read === null ? [] : [{ attributes: {}, value: read }];
    });
  };
  const counter = (name: string, unit: string, description: string, value: (now: SyncStatus) => number): void => {
    set.counter({ name: `telepool.sync.${name}`, unit, description }, () => [
      { attributes: {}, value: value(status()) },
    ]);
  };
  gauge("pending", "{row}", "Changes that are not in the bucket.", ({ pendingRows }) => pendingRows);
  gauge("lag", "s", "How long the oldest change has been waiting to be copied.", ({ lagSeconds }) => lagSeconds);
  gauge("sequence", "{object}", "The number of the last object of the log.", ({ sequence }) => sequence);
  counter("objects", "{object}", "Objects that were put.", ({ objects }) => objects);
  counter("io", "By", "Bytes that were put.", ({ bytes }) => bytes);
  set.counter(
    {
      name: "telepool.sync.requests",
      unit: "{request}",
      description: "Requests to the bucket by the class that they are billed in, those that were sent again included.",
    },
    () => {
      const { classA, classB } = status().requests;
      return [
        { attributes: { class: "A" }, value: classA },
        { attributes: { class: "B" }, value: classB },
      ];
    },
  );
  set.counter(
    {
      name: "telepool.sync.failures",
      unit: "{failure}",
      description: "Attempts to copy that failed, by the error's code.",
    },
    () => [...record.failures].map(([code, value]) => ({ attributes: { "error.type": code }, value })),
  );
  gauge("last_success.time", "s", "When everything was last copied: seconds since 1970.", ({ lastSyncAt }) =>
    seconds(lastSyncAt),
  );
  gauge("checkpoint.time", "s", "When the last checkpoint was finished: seconds since 1970.", ({ checkpoint }) => {
    return seconds(checkpoint?.at ?? null);
  });
  gauge("proof.time", "s", "When the copy was last restored to prove it: seconds since 1970.", ({ proof }) => {
    return seconds(proof?.at ?? null);
  });
  gauge("proof.ok", "1", "Whether it could be restored then, and was the same: 1 or 0.", ({ proof }) => {
    return proof === null ? null : Number(proof.ok);
  });
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
