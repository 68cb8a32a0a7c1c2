import type { CommandContext } from './cli/command.ts';
import { errorStatus, formatStatus } from './cli/exit-status.ts';
import type { Io } from './cli/io.ts';
import { writeLeveled } from './cli/log-level.ts';
import type { ConfigInvocation, HostInvocation, Invocation } from './cli/program.ts';
import type { RunReport } from './cli/report.ts';
import { printable } from './cli/views/printable.ts';
import { isVirtioizeError, VirtioizeError } from './error.ts';
import type { Policy } from './policy/policy.ts';
import { version } from './version.ts';

/**
 * Run a command line and return its exit status. Data goes to stdout, all else to stderr. This is the only place where
 * errors become exit statuses.
 */
export async function run(argv: readonly string[], io: Io = process): Promise<number> {
  if (argv.length === 1 && argv[0] === '--version') {
    io.stdout.write(`${version}\n`);
    return 0;
  }
  const interruption = watchSignals();
  let invocation: Invocation | undefined;
  try {
    const { parseCommandLine } = await import('./cli/program.ts');
    invocation = await parseCommandLine({ argv, env: io.env, version });
    if (invocation === undefined) return 0;
    if ('validate' in invocation) return await validate(invocation, io);
    if (invocation.changes) sayOnce(interruption.signal, io);
    for (const note of invocation.notes)
      writeLeveled(io.stderr, io, { text: `virtioize: ${printable(note)}`, level: 'warning' });
    const { report, left } = await execute(invocation, { argv, io, interrupted: interruption.signal });
    const trouble = report.isOfAll === true ? await writeReports(report, invocation.policy.reports) : undefined;
    await print(report, invocation, { io, trouble });
    await left;
    return interruption.status() ?? formatStatus(report, invocation.options.format, trouble);
  } catch (error) {
    const known = asVirtioizeError(error);
    const format = invocation?.options.format ?? wantedFormat(argv, io.env);
    await printError(known, { command: invocation?.command ?? '', format, io });
    return interruption.status() ?? errorStatus(known, format);
  } finally {
    interruption.stop();
  }
}

async function validate({ validate: read, options, command }: ConfigInvocation, io: Io): Promise<number> {
  const report = await read();
  const { renderConfigJson } = await import('./cli/views/json.ts');
  io.stdout.write(
    options.format === 'text'
      ? `${printable(report.file)} is valid.\n`
      : renderConfigJson(command, report, options.format),
  );
  return 0;
}

/** Somebody who presses Ctrl-C wants to know why it goes on. */
function sayOnce(interrupted: AbortSignal, io: Io): void {
  const note =
    'virtioize: interrupted. No new guest is begun; what was begun is brought to one side, which takes up to some minutes where a guest restarts.';
  const say = (): void => writeLeveled(io.stderr, io, { text: `\n${note}`, level: 'info' });
  interrupted.addEventListener('abort', say, { once: true });
}

interface Executed {
  readonly report: RunReport;
  /** Resolves once the host is left: while virsh ends, the report is told. Never rejects. */
  readonly left: Promise<void>;
}

async function execute(
  { command, options, changes, policy, load }: HostInvocation,
  { argv, io, interrupted }: { argv: readonly string[]; io: Io; interrupted: AbortSignal },
): Promise<Executed> {
  const [{ createProgress }, { beginToReach }] = await Promise.all([
    import('./cli/views/progress.ts'),
    import('./cli/reach-host.ts'),
  ]);
  const progress = await createProgress(io, { ...options, plainLines: changes });
  const startedAt = new Date().toISOString();
  const host = await beginToReach(
    { uri: options.connect, stateDir: options.stateDir, report: progress.step, version, interrupted },
    changes ? ['virtioize', ...argv].join(' ') : undefined,
  );
  const context: CommandContext = {
    ...host,
    io,
    policy,
    tellsNewsOnly: options.quiet && options.format === 'text' && io.stdout.isTTY !== true,
    interrupted,
    onGuest: progress.guest,
    pauseProgress: progress.stop,
    showPlan: async (planned, { isAsked }) => {
      if (!isAsked && (options.quiet || options.format !== 'text')) return;
      const [{ renderPlan }, { createStyle }] = await Promise.all([
        import('./cli/views/plan-table.ts'),
        import('./cli/views/style.ts'),
      ]);
      progress.stop();
      const text = renderPlan(planned, createStyle(io.stderr, io, options.color));
      writeLeveled(io.stderr, io, { text, level: 'info' });
    },
  };
  try {
    const [runCommand] = await Promise.all([load(), changes ? loadViews() : undefined]);
    const found = await runCommand(context);
    const report = { command, connection: options.connect, startedAt, finishedAt: new Date().toISOString(), ...found };
    return { report, left: host.leave() };
  } catch (error) {
    await host.leave();
    throw error;
  } finally {
    progress.stop();
  }
}

/** A run that restarts guests may take a night, in which another version is installed in this one's place. */
async function loadViews(): Promise<void> {
  await Promise.all([
    import('./cli/views/plan-table.ts'),
    import('./cli/views/style.ts'),
    import('./cli/views/text.ts'),
    import('./cli/render-report.ts'),
    import('./cli/views/json.ts'),
  ]);
}

async function print(
  report: RunReport,
  { options }: HostInvocation,
  { io, trouble }: { io: Io; trouble: VirtioizeError | undefined },
): Promise<void> {
  const { format } = options;
  if (format !== 'text') {
    const { renderReport } = await import('./cli/render-report.ts');
    io.stdout.write(await renderReport(report, format, { version, trouble }));
  } else {
    const [{ renderText }, { createStyle }] = await Promise.all([
      import('./cli/views/text.ts'),
      import('./cli/views/style.ts'),
    ]);
    const style = createStyle(io.stdout, io, options.color);
    writeLeveled(io.stdout, io, ...renderText(report, { ...options, style }));
  }
  if (trouble !== undefined && format !== 'nagios') tell(trouble, io);
}

/** The files that the policy has a check of all guests write. */
async function writeReports(report: RunReport, reports: Policy['reports']): Promise<VirtioizeError | undefined> {
  if (Object.keys(reports).length === 0) return undefined;
  return (await import('./cli/write-reports.ts')).writeReports(report, reports, { version });
}

function asVirtioizeError(error: unknown): VirtioizeError {
  if (isVirtioizeError(error)) return error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new VirtioizeError('bug', `virtioize has a bug: ${stack}`, {
    hint: 'Please report it with this text. Guests are safe: virtioize recover brings to an end what was begun.',
    cause: error,
  });
}

/** A monitoring system gets its one line, and nothing beside it. */
async function printError(
  error: VirtioizeError,
  { command, format, io }: { command: string; format: string | undefined; io: Io },
): Promise<void> {
  if (format !== undefined && format !== 'text') {
    const { renderError } = await import('./cli/render-report.ts');
    io.stdout.write((await renderError(command, error, format)) ?? '');
  }
  if (format !== 'nagios') tell(error, io);
}

function tell(error: VirtioizeError, io: Io): void {
  const message = error.code === 'bug' ? error.message : printable(error.message);
  const lines = [
    `virtioize: ${message}`,
    ...error.problems.map((problem) => `  ${printable(problem)}`),
    ...(error.hint === undefined ? [] : [`  -> ${printable(error.hint)}`]),
  ];
  writeLeveled(io.stderr, io, { text: lines.join('\n'), level: 'error' });
}

/** The format that a command line asks for which could not be understood. */
function wantedFormat(argv: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  if (argv.includes('--json')) return 'json';
  const equals = argv.find((word) => word.startsWith('--format='));
  const position = argv.indexOf('--format');
  const format = equals?.slice('--format='.length) ?? (position < 0 ? env.VIRTIOIZE_FORMAT : argv[position + 1]);
  return format === 'nagios' && !argv.includes('check') ? undefined : format;
}

interface Interruption {
  readonly signal: AbortSignal;
  /** 130 or 143 once interrupted. */
  readonly status: () => number | undefined;
  readonly stop: () => void;
}

/** After an interrupt nothing new is begun, and what was begun is brought to an end first. */
function watchSignals(): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  const statuses = { SIGINT: 130, SIGTERM: 143 } as const;
  const removals = Object.entries(statuses).map(([signal, code]) => {
    const handler = (): void => {
      status ??= code;
      controller.abort();
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  const stop = (): void => {
    for (const remove of removals) remove();
  };
  return { signal: controller.signal, status: () => status, stop };
}
