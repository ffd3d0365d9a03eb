/** The pools that are compared: ours and its best-known peers, each with 20 resources that cost nothing to create. */
import { Pool } from "@telepool/core";
import { createPool as createGenericPool } from "generic-pool";
import { Pool as LightningPool } from "lightning-pool";
import { Pool as TarnPool } from "tarn";

/** What is lent. */
export interface Resource {
  uses: number;
}

/** One pool under one way of using it. */
export interface Contestant {
  readonly name: string;
  /** Borrows a resource, does `work` with it and gives it back. */
  cycle(work: (resource: Resource) => Promise<void> | void): Promise<void>;
  close(): Promise<void>;
}

const SIZE = 20;
const newResource = (): Resource => ({ uses: 0 });

/** Our pool by its documented default, `use`. */
export async function telepoolUse(sampleEvery = 64): Promise<Contestant> {
  const pool = new Pool<Resource>({ create: newResource, destroy: () => {} }, { min: SIZE, max: SIZE, sampleEvery });
  await pool.prewarm();
  return {
    name: sampleEvery === 0 ? "telepool use, untimed" : "telepool use",
    cycle: (work) => pool.use(work),
    close: () => pool.close(),
  };
}

/** Our pool by explicit leases. */
export async function telepoolAcquire(): Promise<Contestant> {
  const pool = new Pool<Resource>({ create: newResource, destroy: () => {} }, { min: SIZE, max: SIZE });
  await pool.prewarm();
  return {
    name: "telepool acquire",
    cycle: async (work) => {
      const lease = await pool.acquire();
      try {
        await work(lease.resource);
      } finally {
        lease.release();
      }
    },
    close: () => pool.close(),
  };
}

/** lightning-pool. */
export async function lightning(): Promise<Contestant> {
  const pool = new LightningPool<Resource>(
    { create: () => newResource(), destroy: () => {} },
    { min: SIZE, max: SIZE, minIdle: SIZE, maxQueue: 100_000 },
  );
  pool.start();
  return {
    name: "lightning-pool",
    cycle: async (work) => {
      const resource = await pool.acquire();
      try {
        await work(resource);
      } finally {
        pool.release(resource);
      }
    },
    close: () => pool.closeAsync(1000),
  };
}

/** generic-pool. */
export async function generic(): Promise<Contestant> {
  const pool = createGenericPool<Resource>(
    { create: async () => newResource(), destroy: async () => {} },
    { min: SIZE, max: SIZE },
  );
  await pool.ready();
  return {
    name: "generic-pool",
    cycle: async (work) => {
      const resource = await pool.acquire();
      try {
        await work(resource);
      } finally {
        await pool.release(resource);
      }
    },
    close: async () => {
      await pool.drain();
      await pool.clear();
    },
  };
}

/** tarn. */
export async function tarn(): Promise<Contestant> {
  const pool = new TarnPool<Resource>({ create: async () => newResource(), destroy: () => {}, min: SIZE, max: SIZE });
  return {
    name: "tarn",
    cycle: async (work) => {
      const resource = await pool.acquire().promise;
      try {
        await work(resource);
      } finally {
        pool.release(resource);
      }
    },
    close: async () => {
      await pool.destroy();
    },
  };
}
