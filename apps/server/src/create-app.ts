/**
 * The HTTP interface over a store, without a socket: `createApp({ store }).request("/pool-stats")` answers in a test as
 * the server does in the world.
 */
import { MetricSet, newId } from "@telepool/core";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { type RequestIdVariables, requestId } from "hono/request-id";
import { Access } from "./access/access.ts";
import { type AppDeps, type RouteDeps, routeDeps } from "./app-deps.ts";
import { noRoute } from "./http/no-route.ts";
import { problemResponse } from "./http/problem.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { HttpMetrics } from "./observability/http-metrics.ts";
import { openapiDocument } from "./openapi/document.ts";
import { otlpRoutes } from "./otlp/otlp-routes.ts";
import { aggregateRoutes } from "./routes/aggregate.ts";
import { eventRoutes } from "./routes/events.ts";
import { exportRoutes } from "./routes/export.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { openapiRoutes } from "./routes/openapi.ts";
import { poolQueryRoutes } from "./routes/pool-query.ts";
import { poolStatsRoutes } from "./routes/pool-stats.ts";
import { poolSyncRoutes } from "./routes/pool-sync.ts";
import { profileRoutes } from "./routes/profiles.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { statusRoutes } from "./routes/status.ts";
import { tailRoutes } from "./routes/tail.ts";
import { TailFeed } from "./tail/tail-feed.ts";

/** The app's type, for those that mount it. */
export type App = Hono<{ Variables: RequestIdVariables }>;

/** What a page of an allowed origin may send and see. */
const CORS = {
  allowMethods: ["GET", "HEAD", "POST", "DELETE"],
  allowHeaders: ["authorization", "content-encoding", "content-type", "last-event-id", "x-request-id"],
  exposeHeaders: ["ratelimit", "ratelimit-policy", "retry-after", "server-timing", "x-request-id"],
  maxAge: 600,
};

/**
 * Makes the app; it opens and closes nothing.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function createApp(given: AppDeps): App {
  const deps = routeDeps(given);
  const access = new Access(given.access);
  const feed = new TailFeed(deps.store);
  const log = given.logRequests === true ? deps.log : undefined;
  const set = given.metrics ?? new MetricSet();
  const metrics = new HttpMetrics(set, { tailReaders: () => feed.readers }, log);
  const routes = allRoutes(deps, { access, feed, metrics, set });

  const app: App = new Hono();
  app.use(requestId({ generator: newId, limitLength: 128 }));
  app.use(metrics.observe);
  app.use(securityHeaders);
  if (given.corsOrigins !== undefined) app.use(cors({ ...CORS, origin: [...given.corsOrigins] }));
  app.route("/", routes);
  app.notFound(noRoute(routes));
  app.onError((error, c) => problemResponse(c, error, deps.log));
  return app;
}

/** What the routes share. */
interface Shared {
  readonly access: Access;
  readonly feed: TailFeed;
  readonly metrics: HttpMetrics;
  readonly set: MetricSet;
}

/** Every route; they hold no middleware of their own, so that `noRoute` can ask them what they know. */
function allRoutes(deps: RouteDeps, { access, feed, metrics, set }: Shared): Hono {
  const routes = new Hono();
  const endpoints = () => [...new Set(routes.routes.map(({ method, path }) => `${method} ${path}`))];
  return routes
    .route("/", statusRoutes(deps, endpoints))
    .route("/", poolStatsRoutes(deps, access))
    .route("/", poolQueryRoutes(deps, access))
    .route("/", poolSyncRoutes(deps, access))
    .route("/", profileRoutes(deps, access))
    .route("/", sessionRoutes(deps, access))
    .route("/", eventRoutes(deps, access))
    .route("/", aggregateRoutes(deps, access))
    .route("/", exportRoutes(deps, access))
    .route("/", tailRoutes(deps, access, { feed, onMissed: (rows) => metrics.missed(rows) }))
    .route("/", otlpRoutes(deps, access))
    .route(
      "/",
      metricsRoutes(access, () => [...deps.store.metrics(), ...set.families()]),
    )
    .route(
      "/",
      openapiRoutes(() => openapiDocument(routes, access.isGuarded)),
    );
}
