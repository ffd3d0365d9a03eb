/** Suite `server`: what HTTP costs beside the store, how long a POST takes, and how much memory the server needs. */
import { objectionToFolder } from "../env.ts";
import { IN_PROCESS, measureBulk, NDJSON } from "../http/bulk-case.ts";
import { IDLE, LOADED, measureMemory } from "../http/memory-case.ts";
import { CHECKED_ONLY, measureLatency, measurePosts, measureSinglePosts, ON_SQLITE } from "../http/post-cases.ts";
import { FULL, QUICK } from "../http/size.ts";
import { figuresOf, ratio } from "../measure.ts";
import { checkedRatio, resultsOf, type SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";

/** Measures the suite, or says why it cannot. */
export async function httpServerSuite({ quick }: SuiteOptions): Promise<SuiteOutcome> {
  const objection = objectionToFolder();
  if (objection !== undefined) return { results: [], ratios: [], notMeasured: objection };
  const size = quick ? QUICK : FULL;
  const posts = await measurePosts(size);
  const single = await measureSinglePosts(size);
  const latency = await measureLatency(posts, size);
  const bulk = await measureBulk(size);
  const memory = await measureMemory(size);

  const mostMb = (subject: string) => Math.max(...figuresOf(memory, subject));
  return {
    results: [posts.rates, posts.serverCpu, posts.generatorCpu, single, latency, bulk, memory].flatMap(resultsOf),
    ratios: [
      checkedRatio("server.post_one_vs_null", ratio(posts.rates, ON_SQLITE, CHECKED_ONLY), "min", 0.7),
      checkedRatio("server.ndjson_vs_import", ratio(bulk, NDJSON, IN_PROCESS), "min", 0.6),
      checkedRatio("server.idle_rss_mb", mostMb(IDLE), "max", 50),
      checkedRatio("server.loaded_rss_mb", mostMb(LOADED), "max", 150),
    ],
  };
}
