/**
 * A driver with some of its answers replaced, over a real one: how the conformance suite injects faults, and how the
 * sabotages break one promise each.
 */
import type { Driver, DriverConnection } from "../driver/driver.ts";

/** A connection that does as `connection` does, except for `replaced`. */
export function overrideConnection(
  connection: DriverConnection,
  replaced: Partial<DriverConnection>,
): DriverConnection {
  return {
    execute: (statement) => connection.execute(statement),
    begin: () => connection.begin(),
    commit: () => connection.commit(),
    rollback: () => connection.rollback(),
    writeProfiles: (rows) => connection.writeProfiles(rows),
    writeEvents: (rows) => connection.writeEvents(rows),
    readProfiles: (ids) => connection.readProfiles(ids),
    ping: () => connection.ping(),
    reset: () => connection.reset(),
    isBroken: () => connection.isBroken(),
    close: () => connection.close(),
    ...replaced,
  };
}

/** A driver whose connections go through `wrap`; what is replaced may answer with promises, so it is not `inProcess`. */
export function wrapConnections(driver: Driver, wrap: (connection: DriverConnection) => DriverConnection): Driver {
  const capabilities = { ...driver.capabilities, inProcess: false };
  return { ...driver, capabilities, connect: async (role, signal) => wrap(await driver.connect(role, signal)) };
}
