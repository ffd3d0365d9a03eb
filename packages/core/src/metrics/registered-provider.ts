/** Whether the program uses OpenTelemetry, found out without loading any of it. */
import type { MeterProvider } from "./meter-provider.ts";

/** Where `@opentelemetry/api` keeps what was registered, for all its copies in a process. */
const GLOBAL_API = Symbol.for("opentelemetry.js.api.1");

/**
 * The meter provider that the program has registered, if it uses OpenTelemetry: then its API is loaded already, and only then
 * it is imported. One that is registered later is not seen.
 */
export async function registeredMeterProvider(): Promise<MeterProvider | undefined> {
  if (!Object.hasOwn(globalThis, GLOBAL_API)) return undefined;
  try {
    const { metrics } = await import("@opentelemetry/api");
    return metrics.getMeterProvider();
  } catch {
    return undefined; // it is loaded from a place where we cannot find it; `meterProvider` can still be given
  }
}
