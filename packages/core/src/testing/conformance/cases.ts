/** The conformance suite: every promise that a driver, and the store over it, must keep. */
import { aggregateCases } from "./aggregate-cases.ts";
import { cancellationCases } from "./cancellation-cases.ts";
import type { ConformanceCase } from "./case.ts";
import { changeCases } from "./change-cases.ts";
import { copyCases } from "./copy-cases.ts";
import { errorCases } from "./error-cases.ts";
import { eventCases } from "./event-cases.ts";
import { kyselyCases } from "./kysely-cases.ts";
import { ledgerCases } from "./ledger-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { profileCases } from "./profile-cases.ts";
import { pruneCases } from "./prune-cases.ts";
import { queueCases } from "./queue-cases.ts";
import { scanCases } from "./scan-cases.ts";
import { statisticsCases } from "./statistics-cases.ts";
import { storedCases } from "./stored-cases.ts";
import { transactionCases } from "./transaction-cases.ts";
import { typeCases } from "./type-cases.ts";

/** All cases, by group. */
export function conformanceCases(): readonly ConformanceCase[] {
  return [
    ...lifecycleCases,
    ...typeCases,
    ...errorCases,
    ...transactionCases,
    ...cancellationCases,
    ...queueCases,
    ...profileCases,
    ...eventCases,
    ...storedCases,
    ...aggregateCases,
    ...pruneCases,
    ...kyselyCases,
    ...statisticsCases,
    ...copyCases,
    ...changeCases,
    ...ledgerCases,
    ...scanCases,
  ];
}
