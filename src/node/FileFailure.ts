/**
 * What went wrong with a small file, in one line for a person.
 *
 * @since 0.1.0
 */
import { DirectoryError } from "./Directories.js"
import { LockBusy, LockLost } from "./FileLock.js"
import { code, UnsafeFile } from "./SafeFile.js"

/**
 * Names the file and what to do; never its content.
 *
 * @since 0.1.0
 * @category constructors
 */
export const explain = (file: string, cause: unknown): string => {
  if (
    cause instanceof UnsafeFile || cause instanceof LockBusy || cause instanceof LockLost ||
    cause instanceof DirectoryError
  ) {
    return cause.message
  }
  switch (code(cause)) {
    case "ENOSPC":
    case "EDQUOT":
      return `${file} cannot be written: there is no space left; free some`
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${file} cannot be used: its directory must be writable for you`
    default:
      return `${file} cannot be used (${code(cause) ?? cause}): check the directory it is in`
  }
}
