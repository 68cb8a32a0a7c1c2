#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: virtioize convert."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: convert
short_description: Move the disks of a host's guests to virtio
version_added: 1.0.0
description:
  - Runs C(virtioize convert) on a libvirt host. Guests that are proven able to boot from virtio are backed up, converted and
    verified, and where that is asked for, restarted and watched. What can't be proven is refused and left as it is.
  - A change that an earlier, interrupted run left is first brought to an end.
  - C(virtioize rollback) on the host undoes a conversion.
extends_documentation_fragment:
  - virtioize.libvirt.host
attributes:
  check_mode:
    description: Runs with C(--dry-run), which changes nothing. Guests are asked and disks are looked into as in a real run.
    support: full
  diff_mode:
    description: A unified diff of the persistent definition of each guest that is, or would be, changed. Passwords are hidden.
    support: full
options:
  all:
    description:
      - All guests of the host. Without it name some with I(guests). No selection at all fails the task.
    type: bool
    default: false
  restart:
    description:
      - What to do with guests that run. With C(never) they are converted and left pending, until they are powered off in full.
      - With C(graceful) they are shut down, started and watched, and put back where they do not come up.
      - C(force) is the same, but takes the power away from those that do not go off in time.
      - Without it the configuration's, else C(never).
    type: str
    choices:
      - never
      - graceful
      - force
  shutdown_timeout:
    description:
      - How long a guest may take to go off, such as C(90s) or C(5m).
    type: str
  boot_timeout:
    description:
      - How long a guest may take to come up.
    type: str
  wait_tcp:
    description:
      - A restarted guest must also answer at this TCP port.
    type: int
  rollback:
    description:
      - Put a guest back that does not come up. With C(false) it is left as it is.
    type: bool
    default: true
  require_evidence:
    description:
      - The weakest verdict that is enough. C(likely) needs I(reason).
    type: str
    choices:
      - proven
      - likely
  assume_driver:
    description:
      - Vouch for all these guests having the virtio driver. Needs I(reason).
    type: bool
    default: false
  accept:
    description:
      - Codes of refusals to take on. Needs I(reason).
    type: list
    elements: str
    default: []
  reason:
    description:
      - Why. Kept on the host with each conversion.
    type: str
  rename:
    description:
      - Rename disks also where their names would be kept.
    type: bool
    default: false
  rehearse:
    description:
      - Boot a throw-away clone of guests that are off and that nothing else proves or refutes. Left out in check mode.
    type: bool
    default: false
  scratch_dir:
    description:
      - Where throw-away disks lie on the host.
    type: path
  scratch_limit:
    description:
      - How much a clone may write, such as C(8G).
    type: str
  prime:
    description:
      - Plug a small virtio disk into running guests that are not proven, so that Windows binds its driver. Left out in check mode.
    type: bool
    default: false
  prime_timeout:
    description:
      - How long a guest may take with that disk.
    type: str
  jobs:
    description:
      - How many guests of the host are looked into at the same time.
    type: int
  restart_jobs:
    description:
      - How many guests of the host are restarted at the same time.
    type: int
  max_failures:
    description:
      - Begin no new guest after so many failed or were rolled back. A number, or C(none).
    type: str
  refused:
    description:
      - What a refused guest does to the task. It is as it was.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: fail
  failed:
    description:
      - What a guest does to the task that failed or was rolled back. It is as it was.
      - A guest that needs attention always fails the task.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: fail
  unverified:
    description:
      - What a guest does to the task that was restarted, works, and could not be seen to have come up in full.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: warn
  pending:
    description:
      - What a guest does to the task that is converted and still runs with its old disks.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: ignore
seealso:
  - module: virtioize.libvirt.check
"""

EXAMPLES = r"""
- name: Convert what is proven, restart nothing
  virtioize.libvirt.convert:
    all: true
    exclude:
      - db-*
  become: true

- name: Convert the web servers and watch them come up, one after the other
  virtioize.libvirt.convert:
    guests:
      - web-*
    restart: graceful
    boot_timeout: 10m
    wait_tcp: 22
    unverified: fail
  become: true

- name: Vouch for a guest whose system nothing can look into
  virtioize.libvirt.convert:
    guests:
      - appliance1
    assume_driver: true
    reason: the vendor's manual names virtio-blk
  become: true
"""

RETURN = r"""
guests:
  description:
    - What became of each guest, as in virtioize's JSON, with C(name), C(uuid), C(outcome), C(restart), C(conversionId), C(refusals),
      C(warnings), C(evidence), C(disks) and C(error).
    - C(outcome) is C(compliant), C(planned) (check mode), C(converted), C(refused), C(failed), C(rolled-back), C(needs-attention)
      or C(skipped).
  returned: when the program ran
  type: list
  elements: dict
  sample:
    - name: web1
      uuid: 6f1ed5c8-3d02-4a6b-8f5c-000000000001
      state: shut off
      outcome: converted
      restart: not-needed
      refusals: []
summary:
  description: How many guests were selected, and how many ended in which way.
  returned: when the program ran
  type: dict
  sample:
    selected: 2
    converted: 1
    compliant: 1
changed_guests:
  description: The names of guests that were changed, or would be (check mode). Not those that were compliant or pending already.
  returned: when the program ran
  type: list
  elements: str
  sample:
    - web1
recovered:
  description: Guests with a change that an earlier run had left, and that this one first brought to an end.
  returned: when the program ran
  type: list
  elements: dict
unfinished:
  description: Changes that an earlier run has left, in check mode.
  returned: when the program ran
  type: list
  elements: dict
error:
  description: Why the run as a whole could not be done, with C(code), C(message) and C(hint).
  returned: when it could not
  type: dict
  sample:
    code: libvirt-unreachable
    message: libvirt can't be reached.
cmd:
  description: The command that was run.
  returned: when the program is there
  type: list
  elements: str
exit_status:
  description: Its exit status.
  returned: when the program ran
  type: int
  sample: 0
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.virtioize.libvirt.plugins.module_utils.command_line import (
    common_spec,
    common_words,
    guest_words,
    option_words,
    reaction_spec,
)
from ansible_collections.virtioize.libvirt.plugins.module_utils.program import run_program
from ansible_collections.virtioize.libvirt.plugins.module_utils.reactions import (
    describe_guest,
    react,
    unfinished_guests,
)

OPTIONS = [
    'all',
    'restart',
    'shutdown_timeout',
    'boot_timeout',
    'wait_tcp',
    'require_evidence',
    'assume_driver',
    'accept',
    'reason',
    'rename',
    'scratch_dir',
    'scratch_limit',
    'prime_timeout',
    'jobs',
    'restart_jobs',
    'max_failures',
]

KNOWN_OUTCOMES = (
    'compliant',
    'planned',
    'converted',
    'refused',
    'failed',
    'rolled-back',
    'needs-attention',
    'skipped',
)


def argument_spec():
    """What the module can be told."""
    return dict(
        common_spec(),
        all=dict(type='bool', default=False),
        restart=dict(type='str', choices=['never', 'graceful', 'force']),
        shutdown_timeout=dict(type='str'),
        boot_timeout=dict(type='str'),
        wait_tcp=dict(type='int'),
        rollback=dict(type='bool', default=True),
        require_evidence=dict(type='str', choices=['proven', 'likely']),
        assume_driver=dict(type='bool', default=False),
        accept=dict(type='list', elements='str', default=[]),
        reason=dict(type='str'),
        rename=dict(type='bool', default=False),
        rehearse=dict(type='bool', default=False),
        scratch_dir=dict(type='path'),
        scratch_limit=dict(type='str'),
        prime=dict(type='bool', default=False),
        prime_timeout=dict(type='str'),
        jobs=dict(type='int'),
        restart_jobs=dict(type='int'),
        max_failures=dict(type='str'),
        refused=reaction_spec('fail'),
        failed=reaction_spec('fail'),
        unverified=reaction_spec('warn'),
        pending=reaction_spec('ignore'),
    )


def words_for(params, dry_run):
    """The command line."""
    words = ['convert', '--dry-run'] if dry_run else ['convert', '--yes']
    words += common_words(params) + option_words(params, OPTIONS)
    if not params['rollback']:
        words.append('--no-rollback')
    if not dry_run:
        words += option_words(params, ['rehearse', 'prime'])
    return words + guest_words(params)


def is_changed(guest):
    """Whether this run changed a guest, or would. One that was pending before has no disks in its result."""
    outcome = guest.get('outcome')
    if outcome == 'converted':
        return bool(guest.get('disks')) or guest.get('restart') in ('verified', 'unverified')
    return outcome in ('planned', 'rolled-back', 'needs-attention')


def show_diff(guest):
    """The difference in a guest's definition, in the form that Ansible prints as it is."""
    return dict(prepared=u'guest %s\n%s' % (guest.get('name'), guest['diff']))


def without_diff(guest):
    """The same without what is shown in diff mode alone: a failure is told with all results, in one line."""
    return dict((name, value) for name, value in guest.items() if name != 'diff')


def is_waived(guest):
    """Whether the configuration leaves a guest as it is."""
    return any(isinstance(one, dict) and one.get('code') == 'waived' for one in guest.get('warnings') or [])


def find(params, document):
    """What is to be told of guests, and what each thing does to the task."""
    guests = document['guests']

    def those(outcome, restart=None, among=guests):
        return [
            describe_guest(guest)
            for guest in among
            if guest.get('outcome') == outcome and restart in (None, guest.get('restart'))
        ]

    unknown = [describe_guest(guest) for guest in guests if guest.get('outcome') not in KNOWN_OUTCOMES]
    skipped = those('skipped', among=[guest for guest in guests if not is_waived(guest)])
    return [
        ('Needs attention', 'fail', those('needs-attention', among=guests + document['recovered'])),
        ('Ended in a way that this collection does not know', 'fail', unknown),
        ('Failed, and is as it was', params['failed'], those('failed')),
        ('Did not come up, and is as it was', params['failed'], those('rolled-back')),
        ('Refused, and is as it was', params['refused'], those('refused')),
        ('Not begun', 'warn', skipped),
        ('Works, but was not seen to come up in full', params['unverified'], those('converted', 'unverified')),
        ('Converted, and still runs with its old disks', params['pending'], those('converted', 'pending')),
        ('Left unfinished by an earlier run, to be brought to an end first', 'warn', unfinished_guests(document)),
    ]


def main():
    """Run the program and end the module."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    told, document = run_program(module, words_for(module.params, module.check_mode))
    changed = [guest for guest in document['guests'] if is_changed(guest)]
    result = dict(
        told,
        changed=bool(changed or document['recovered'] or document['unfinished']),
        changed_guests=[guest.get('name') for guest in changed],
        guests=[without_diff(guest) for guest in document['guests']],
        summary=document['summary'],
        recovered=document['recovered'],
        unfinished=document['unfinished'],
    )
    if module._diff:
        result['diff'] = [show_diff(guest) for guest in changed if guest.get('diff')]
    react(module, result, find(module.params, document))


if __name__ == '__main__':
    main()
