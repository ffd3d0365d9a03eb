/** A place in a test's own R2, as the program is told of it, and the objects that are there. */
import type { R2Server } from "@telepool/test-servers";

/** The settings of a bucket as environment variables. */
export type BucketEnv = Readonly<Record<`TELEPOOL_R2_${string}`, string>>;

/** The environment that names a prefix of the bucket; through a proxy with another endpoint. */
export function bucketEnv(r2: R2Server, prefix: string, endpoint: string = r2.endpoint): BucketEnv {
  return {
    TELEPOOL_R2_BUCKET: r2.bucket,
    TELEPOOL_R2_ENDPOINT: endpoint,
    TELEPOOL_R2_PREFIX: prefix,
    TELEPOOL_R2_ACCESS_KEY_ID: r2.credentials.accessKeyId,
    TELEPOOL_R2_SECRET_ACCESS_KEY: r2.credentials.secretAccessKey,
  };
}

/** A client of the bucket's own, for what happens to objects behind the program's back. */
export function clientOf({ endpoint, bucket, credentials }: R2Server): Bun.S3Client {
  return new Bun.S3Client({ endpoint, bucket, region: "auto", ...credentials });
}

/** The keys below a prefix that hold `part`, in their order. */
export async function keysWith(client: Bun.S3Client, prefix: string, part: string): Promise<string[]> {
  const { contents = [] } = await client.list({ prefix: `${prefix}/` });
  return contents.map(({ key }) => key).filter((key) => key.includes(part));
}
