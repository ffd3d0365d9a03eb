/** Requests that no route takes: a method that the path does not know, or a path that nobody knows. */
import type { Context, Hono } from "hono";
import { HttpError } from "./http-error.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Answers OPTIONS, and refuses the rest with 405 or 404. `routes` must hold no middleware. */
export function noRoute(routes: Hono): (c: Context) => Response {
  return (c) => {
    const { method, path } = c.req;
    const known = METHODS.filter((each) => routes.router.match(each, path)[0].length > 0);
    if (known.length === 0)
      throw new HttpError(404, "NOT_FOUND", "there is nothing at this path; GET / lists the endpoints");
    const allow = [...known.flatMap((each) => (each === "GET" ? ["GET", "HEAD"] : [each])), "OPTIONS"].join(", ");
    if (method === "OPTIONS") return c.body(null, 204, { allow });
    throw new HttpError(405, "METHOD_NOT_ALLOWED", `this path takes ${allow}`, { allow });
  };
}
