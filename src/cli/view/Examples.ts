/**
 * Events with something private in them, to see what becomes of it. Nobody and nothing in them exists.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Example {
  readonly name: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * @since 0.1.0
 * @category constants
 */
export const examples: ReadonlyArray<Example> = [
  {
    name: "a search with an address in it",
    type: "query_performed",
    data: {
      queryType: "text",
      query: "invoices of jane.doe@example.com, +49 30 5550 1234",
      resultCount: 3,
      duration: 41.5,
      cached: false
    }
  },
  {
    name: "a command with a password",
    type: "command_executed",
    data: {
      command: "deploy",
      args: ["--host", "10.1.2.3", "--password=correct-horse", "production"],
      duration: 1250,
      exitCode: 1,
      error: "connect failed for https://admin:correct-horse@build.example.com/"
    }
  },
  {
    name: "an error with paths",
    type: "error_occurred",
    data: {
      errorType: "ReadError",
      message: "cannot read /home/jane/projects/secret-plan/notes.txt",
      stack: "ReadError: cannot read\n    at load (/home/jane/projects/app/src/load.ts:12:7)",
      context: { email: "jane@example.com", card: "4111 1111 1111 1111", attempt: 2 },
      fatal: false,
      fingerprint: "5f1d7e0c",
      severity: "ERROR",
      category: "files",
      count: 1
    }
  },
  {
    name: "nothing private at all",
    type: "feature_used",
    data: { featureName: "export", enabled: true }
  }
]
