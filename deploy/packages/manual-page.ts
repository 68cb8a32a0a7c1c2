import { EXIT_STATUSES } from '../../src/cli/exit-status-help.ts';
import { KNOWN_OPTIONS, SUMMARY } from '../../src/cli/program.ts';
import type { Command, Declarations, Option } from './declarations.ts';
import { mdocArgument, mdocText } from './mdoc.ts';

/** What the command line's declarations do not say. */
const DESCRIPTION = `reads the definitions of guests through
.Xr virsh 1 ,
proves beforehand that a guest can boot from virtio, backs up,
rewrites the disks, redefines the guest and verifies the result.
With
.Fl Fl restart
it shuts the guest down first, starts it again, watches it come up,
and puts everything back by itself where it does not.
What it can\\(aqt prove it refuses, with the reason and the next step.
.Pp
Guests are named by name, UUID or pattern
.Pq Ql web\\-* .
Behind
.Fl Fl
a name may begin with a dash.`;

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['LIBVIRT_DEFAULT_URI', 'the connection, where --connect does not name one'],
  ['XDG_STATE_HOME', 'below it lies the state of users other than root'],
  ['NO_COLOR', 'no colors'],
  ['LIBGUESTFS_CACHEDIR', 'where libguestfs keeps the appliance that looks into disks'],
  ['LIBGUESTFS_BACKEND_SETTINGS', 'force_tcg: the appliance does without KVM'],
];

const FILES: readonly (readonly [string, string])[] = [
  ['/etc/virtioize/config.yaml', 'the configuration, if it is there; root alone may be able to write it'],
  ['/usr/share/doc/virtioize/examples/config.yaml', 'an example of it, with every key'],
  ['/var/lib/virtioize', 'backups, journal and lock, a folder for each host; definitions hold passwords'],
];

const SEE_ALSO = ['guestfish 1', 'hivexregedit 1', 'qemu\\-img 1', 'virsh 1', 'systemd.timer 5'];

/**
 * The manual page virtioize(1), in mdoc.
 * @param date on which what it tells of was last changed.
 */
export function renderManualPage({ commands, globalOptions }: Declarations, { date }: { readonly date: Date }): string {
  const day = date.toLocaleDateString('en-US', { month: 'long', day: 'numeric', year: 'numeric', timeZone: 'UTC' });
  return [
    `.Dd ${day}\n.Dt VIRTIOIZE 1\n.Os\n.Sh NAME\n.Nm virtioize`,
    `.Nd ${mdocText(SUMMARY.replace(/^M/, 'm').replace(/\.$/, ''))}`,
    '.Sh SYNOPSIS',
    ...commands.map(synopsis),
    `.Sh DESCRIPTION\n.Nm\n${DESCRIPTION}`,
    '.Ss Commands',
    list(commands.map(commandItem)),
    '.Ss Options of every command',
    list(globalOptions.map((option) => optionItem(option))),
    '.Ss Options of some commands',
    list(optionsOfSome(commands).map(([option, names]) => optionItem(option, names))),
    `.Sh ENVIRONMENT\n${list([environmentItem(), ...ENVIRONMENT.map(([name, text]) => item('.Ev', name, text))])}`,
    `.Sh FILES\n${list(FILES.map(([path, text]) => item('.Pa', path, text)))}`,
    `.Sh EXIT STATUS\n${list(EXIT_STATUSES.map(([status, meaning]) => item('', status, meaning)))}`,
    `.Sh EXAMPLES\n${commands.flatMap(({ examples }) => examples.map(exampleLines)).join('\n')}`,
    `.Sh SEE ALSO\n${SEE_ALSO.map((page) => `.Xr ${page}`).join(' ,\n')}`,
    '',
  ].join('\n');
}

function list(items: readonly string[]): string {
  return ['.Bl -tag -width Ds', ...items, '.El'].join('\n');
}

function item(macro: string, name: string, text: string): string {
  return `.It ${macro === '' ? '' : `${macro.slice(1)} `}${mdocArgument(name)}\n${mdocText(text)}`;
}

function synopsis({ name, positional, options }: Command): string {
  const some = options.length > 0 ? ' Op Ar option ...' : '';
  const guests = positional === undefined ? '' : ` Op Ar ${positional.name}${positional.isMany ? ' ...' : ''}`;
  return `.Nm\n.Cm ${name}${some}${guests}`.replace(/ Op Ar (\S+ \.\.\.|\S+)/g, '\n.Op Ar $1');
}

function commandItem({ name, description, positional, options }: Command): string {
  const argument = positional === undefined ? '' : ` Op Ar ${positional.name}${positional.isMany ? ' ...' : ''}`;
  const isTold = positional !== undefined && !positional.isMany;
  const flags = options.map((option) => `.Fl Fl ${mdocArgument(option.name)}`);
  return [
    `.It Cm ${name}${argument}`,
    mdocText(description),
    ...(isTold ? [`(${mdocText(`${positional.name}: ${positional.description}`)})`] : []),
    ...(flags.length === 0 ? [] : ['.Pp', 'Options:', flags.join(' ,\n')]),
  ].join('\n');
}

function optionItem({ name, letter, description, isSwitch, choices, standard }: Option, commands?: readonly string[]) {
  const value = isSwitch ? '' : ` Ar ${choices.length === 0 ? 'value' : mdocArgument(choices.join('|'))}`;
  const short = letter === undefined ? '' : `Fl ${letter} , `;
  return [
    `.It ${short}Fl Fl ${mdocArgument(name)}${value}`,
    mdocText(description),
    ...(standard === undefined ? [] : [mdocText(`[default: ${standard}]`)]),
    ...(commands === undefined ? [] : [mdocText(`(${commands.join(', ')})`)]),
  ].join('\n');
}

/** Each of them once, with the commands that have it. */
function optionsOfSome(commands: readonly Command[]): (readonly [Option, readonly string[]])[] {
  const found = new Map<string, [Option, string[]]>();
  for (const { name, options } of commands)
    for (const option of options) {
      const known = found.get(JSON.stringify(option));
      if (known === undefined) found.set(JSON.stringify(option), [option, [name]]);
      else known[1].push(name);
    }
  return [...found.values()].sort(([one], [other]) => (one.name < other.name ? -1 : 1));
}

function environmentItem(): string {
  const names = [...KNOWN_OPTIONS].map((name) => `.Ev VIRTIOIZE_${name.toUpperCase().replaceAll('-', '_')}`);
  return [
    '.It Ev VIRTIOIZE_ Ns Ar NAME',
    'the options of the same names, where the command line does not set them',
    '(switches: yes, no); those that give up a safety can be set there alone',
    '.Pp',
    names.join(' ,\n'),
  ].join('\n');
}

function exampleLines({ command, description }: { command: string; description: string }): string {
  return `${mdocText(`${description}:`)}\n.Dl ${mdocArgument(command)}`;
}
