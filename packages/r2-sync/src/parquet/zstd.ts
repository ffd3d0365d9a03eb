/** Zstandard as the pages of a file use it: level 3, each page with its checksum, which every engine checks. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

export function compressPage(page: Uint8Array): Uint8Array {
  return zstdCompressSync(page, OPTIONS);
}

export function decompressPage(page: Uint8Array): Uint8Array {
  return zstdDecompressSync(page);
}
