/**
 * What the failures of R2 mean for whoever set it up: which setting is wrong, and what to do. The codes and statuses are
 * those of https://developers.cloudflare.com/r2/api/error-codes/ and, for other storages, those of S3.
 */
import { type ErrorCode, TelepoolError } from "@telepool/core";
import { systemErrorClass } from "@telepool/core/remote";
import type { R2Config } from "./r2-options.ts";
import { BROKEN_ANSWER, type S3Failure } from "./s3-failure.ts";

/** What was tried. */
export interface Trial {
  /** S3's name of the request: `PutObject`. */
  readonly operation: string;
  readonly key?: string | undefined;
  readonly config: R2Config;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly nowMs: number;
}

interface Meaning {
  readonly code: ErrorCode;
  /** Below the options' path. */
  readonly option?: string;
  readonly message: string;
}

type Explain = (failure: S3Failure, trial: Trial) => Meaning;

const unknownKey: Explain = (_, { config }) => ({
  code: "CREDENTIALS_REFUSED",
  option: "credentials.accessKeyId",
  message: `${config.endpoint} does not know this access key id; it takes the S3 credentials of an R2 API token, not the token itself, and not after the token has expired or was deleted`,
});

const wrongSecret: Explain = () => ({
  code: "CREDENTIALS_REFUSED",
  option: "credentials.secretAccessKey",
  message: "the secret access key does not belong to the access key id; it is shown only once, when the token is made",
});

const wrongSession: Explain = () => ({
  code: "CREDENTIALS_REFUSED",
  option: "credentials.sessionToken",
  message: "the session token of the temporary credentials is not valid or has expired",
});

const skewed: Explain = ({ serverTimeMs }, { nowMs }) => ({
  code: "CLOCK_SKEWED",
  message: `this machine's clock is ${skew(serverTimeMs, nowMs)}, too far for a signature to be taken; set it by NTP`,
});

const noBucket: Explain = (_, { config }) => ({
  code: "BUCKET_NOT_FOUND",
  option: "bucket",
  message: `there is no bucket "${config.bucket}" at ${config.endpoint}; check its name${placeHint(config)}, and that it was made`,
});

const denied: Explain = ({ code }, trial) => ({
  code: "PERMISSION_DENIED",
  message: `${describe(trial)} was refused (${["403", code].filter(Boolean).join(" ")}): the token needs "Object Read & Write" on the bucket "${trial.config.bucket}"${jurisdictionHint(trial.config)}`,
});

const noSubscription: Explain = () => ({
  code: "PERMISSION_DENIED",
  message: "the Cloudflare account has no R2 subscription (403 NotEntitled)",
});

const BY_CODE: Readonly<Record<string, Explain>> = {
  AccessDenied: denied,
  ExpiredRequest: skewed,
  ExpiredToken: wrongSession,
  InvalidAccessKeyId: unknownKey,
  InvalidToken: wrongSession,
  NoSuchBucket: noBucket,
  NotEntitled: noSubscription,
  RequestTimeTooSkewed: skewed,
  SignatureDoesNotMatch: wrongSecret,
  Unauthorized: unknownKey,
};

const BY_STATUS: Readonly<Record<number, Explain>> = { 401: unknownKey, 403: denied };

/** The error for a failure that nothing more is done about. */
export function r2Error(failure: S3Failure, trial: Trial): TelepoolError {
  const { code, option, message } = explainerOf(failure)(failure, trial);
  const field = option === undefined ? undefined : `${trial.config.where}.${option}`;
  const named = field === undefined ? message : `${field}: ${message}`;
  return new TelepoolError(code, withoutSecrets(named, trial.config), {
    cause: causeWithoutSecrets(failure.cause, trial.config),
    ...(field === undefined ? {} : { field }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}

function explainerOf({ status, code, message }: S3Failure): Explain {
  if (code === BROKEN_ANSWER) return broken;
  if (status === undefined) return unreachable;
  // R2 says of a key of the wrong length: "Credential access key has length 34, should be 32"
  if (code === "InvalidArgument" && /access key/i.test(message)) return unknownKey;
  return (Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : BY_STATUS[status]) ?? refused;
}

function unreachable({ code, message, cause }: S3Failure, trial: Trial): Meaning {
  const { config } = trial;
  const known = systemErrorClass(cause)?.message;
  const what = known === undefined || code === "ETIMEDOUT" || code === "ECONNRESET" ? message : known;
  return {
    code: "STORAGE_UNREACHABLE",
    message: `${describe(trial)} got no answer from ${config.endpoint}${effort(trial)}: ${what} (${code}); check the network and ${config.where}.${config.account === undefined ? "endpoint" : "accountId"}`,
  };
}

function refused({ status, code, message }: S3Failure, trial: Trial): Meaning {
  const answer = [status, code].filter(Boolean).join(" ");
  return {
    code: "STORAGE_UNREACHABLE",
    message: `${describe(trial)} failed at ${trial.config.endpoint}${effort(trial)}: ${answer}${message === "" ? "" : `, ${message}`}`,
  };
}

function broken({ message }: S3Failure, trial: Trial): Meaning {
  const what = `${describe(trial)} failed at ${trial.config.endpoint}${effort(trial)}`;
  return { code: "STORAGE_UNREACHABLE", message: `${what}: ${message}` };
}

function describe({ operation, key }: Trial): string {
  return key === undefined ? operation : `${operation} of ${key}`;
}

function effort({ attempts, elapsedMs }: Trial): string {
  return attempts === 1 ? "" : `, ${attempts} times in ${Math.round(elapsedMs)} ms`;
}

function placeHint({ account, where }: R2Config): string {
  return account === undefined ? ` and ${where}.endpoint` : `, ${where}.accountId and ${where}.jurisdiction`;
}

function jurisdictionHint({ account, where }: R2Config): string {
  return account === undefined ? "" : `, or the bucket is in another jurisdiction than ${where}.jurisdiction says`;
}

function skew(serverTimeMs: number | undefined, nowMs: number): string {
  if (serverTimeMs === undefined) return "wrong by more than the storage allows";
  const seconds = Math.round(Math.abs(nowMs - serverTimeMs) / 1000);
  const direction = nowMs > serverTimeMs ? "ahead of" : "behind";
  return `${seconds} s ${direction} the storage's`;
}

/** A storage may repeat in its message what it was sent. */
function withoutSecrets(message: string, { credentials }: R2Config): string {
  const { secretAccessKey, sessionToken } = credentials();
  return [secretAccessKey, sessionToken]
    .filter((secret) => secret !== undefined)
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), message);
}

function causeWithoutSecrets(cause: Error, config: R2Config): Error {
  const { stack } = cause;
  cause.message = withoutSecrets(cause.message, config);
  if (stack !== undefined) cause.stack = withoutSecrets(stack, config);
  return cause;
}
