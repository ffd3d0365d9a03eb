/** The copy in object storage: asked about by `GET`, started by `POST`; 501 while none is configured. */
import { TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import { describe } from "../openapi/describe.ts";

export function poolSyncRoutes(access: Access): Hono {
  const notConfigured = (): never => {
    throw new TelepoolError("NOT_SUPPORTED", "no sync is configured: this server copies nothing to object storage");
  };
  return new Hono()
    .get(
      "/pool-sync",
      describe({ scope: "read", tag: "Store", summary: "How far the copy is", answers: {}, errors: [501] }),
      access.allow("read"),
      notConfigured,
    )
    .post(
      "/pool-sync",
      describe({ scope: "admin", tag: "Store", summary: "Copy what is new now", answers: {}, errors: [501] }),
      access.allow("admin"),
      notConfigured,
    );
}
