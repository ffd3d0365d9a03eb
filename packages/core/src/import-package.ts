/**
 * The one import() whose name is not written out. It has a file to itself so that whoever builds a program into a single
 * executable can put a file in its place that names the packages which are built in: scripts/build-binary.ts does.
 */

/** Imports a module by its name or its URL, as an import() in this file would. */
export async function importPackage(name: string): Promise<Record<string, unknown>> {
  return await import(name);
}
