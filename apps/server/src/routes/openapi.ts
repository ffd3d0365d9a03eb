/** What this server can do, for programs at `/openapi.json` and for people at `/docs`. */
import { Hono } from "hono";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";
import { assetResponse, pageResponse } from "../pages/page-response.ts";

/** @param document makes the document; it is asked once */
export function openapiRoutes(document: () => Promise<object>): Hono {
  let made: Promise<object> | undefined;
  return new Hono()
    .get(
      "/openapi.json",
      describe({ tag: "Server", summary: "This document", answers: { 200: shapes.openapiDocument } }),
      async (c) => {
        made ??= document();
        return c.json(await made);
      },
    )
    .get(
      "/docs",
      describe({ tag: "Server", summary: "This document as a page to try it", answers: { 200: shapes.page } }),
      (c) => pageResponse(c, "docs.html"),
    )
    .get("/assets/:name", (c) => assetResponse(c, c.req.param("name")));
}
