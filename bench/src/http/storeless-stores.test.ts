import { expect, test } from "bun:test";
import type { ProfileInput, TelemetryPool } from "@telepool/core";
import { createApp } from "@telepool/server";
import { sampleRow } from "../rows.ts";
import { CheckingStore, droppingStore } from "./storeless-stores.ts";

const post = async (store: TelemetryPool, profile: Partial<ProfileInput>) =>
  await createApp({ store, log: () => undefined }).request("/api/profiles", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(profile),
  });

for (const [name, makeStore] of Object.entries({ checking: () => new CheckingStore(), dropping: droppingStore })) {
  test(`the ${name} store answers as if it had stored a profile, and has nothing`, async () => {
    await using store = makeStore();
    const response = await post(store, { ...sampleRow(1, 1) });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: expect.any(String), duplicate: false });
    expect((await store.queryProfiles()).items).toEqual([]);
  });

  for (const field of ["session", "member", "document"]) {
    test(`the ${name} store refuses a profile without its ${field}`, async () => {
      await using store = makeStore();
      const response = await post(store, { ...sampleRow(1, 1), [field]: undefined });
      expect(response.status).toBe(400);
    });
  }

  test(`the ${name} store refuses a field that is not known`, async () => {
    await using store = makeStore();
    expect((await post(store, { ...sampleRow(1, 1), more: 1 } as Partial<ProfileInput>)).status).toBe(400);
  });
}
