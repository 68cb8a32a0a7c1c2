/** Where a run reads and writes: the process's own streams, or a test's. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly fd?: number };
