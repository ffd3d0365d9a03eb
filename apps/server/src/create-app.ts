/**
 * The HTTP interface over a store, without a socket: `createApp({ store }).request("/pool-stats")` answers in a test as
 * the server does in the world.
 */
import { newId } from "@telepool/core";
import { Hono } from "hono";
import { type RequestIdVariables, requestId } from "hono/request-id";
import type { AppDeps } from "./app-deps.ts";
import { logToStderr } from "./log.ts";
import { noRoute } from "./no-route.ts";
import { problemResponse } from "./problem.ts";
import { poolQueryRoutes } from "./routes/pool-query.ts";
import { poolStatsRoutes } from "./routes/pool-stats.ts";
import { profileRoutes } from "./routes/profiles.ts";
import { statusRoutes } from "./routes/status.ts";

/** The app's type, for those that mount it. */
export type App = Hono<{ Variables: RequestIdVariables }>;

/** Makes the app; it opens and closes nothing. */
export function createApp(deps: AppDeps): App {
  const log = deps.log ?? logToStderr;
  const routes = new Hono()
    .route("/", statusRoutes(deps))
    .route("/", poolStatsRoutes(deps))
    .route("/", poolQueryRoutes(deps))
    .route("/", profileRoutes(deps));

  const app: App = new Hono();
  app.use(requestId({ generator: newId, limitLength: 128 }));
  app.use((c, next) => {
    c.header("x-content-type-options", "nosniff");
    return next();
  });
  app.route("/", routes);
  app.notFound(noRoute(routes));
  app.onError((error, c) => problemResponse(c, error, log));
  return app;
}
