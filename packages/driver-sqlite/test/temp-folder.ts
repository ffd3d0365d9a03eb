/** A folder of a test's own, which goes when the test ends. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class TempFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "telepool-sqlite-"));

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    chmodSync(this.path, 0o700); // a test may have taken its permissions away
    rmSync(this.path, { recursive: true, force: true });
  }
}
