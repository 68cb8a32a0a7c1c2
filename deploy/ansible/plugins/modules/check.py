#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: virtioize check."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: check
short_description: See which of a host's guests have disks that are not on virtio
version_added: 1.0.0
description:
  - Runs C(virtioize check) on a libvirt host, which asks libvirt and no guest, and says of each guest which rules it keeps.
  - Nothing is changed. A check of all guests writes the reports that the host's configuration names, but not in check mode.
extends_documentation_fragment:
  - virtioize.libvirt.host
attributes:
  check_mode:
    description: Reports are not written.
    support: full
  diff_mode:
    description: Nothing is changed, so there is no difference.
    support: none
options:
  noncompliant:
    description:
      - What a guest does to the task that has emulated disks, or whose instance uses another image than its definition names.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: fail
  pending:
    description:
      - What a guest does to the task that is converted and still runs with its old disks.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: warn
  interrupted:
    description:
      - What it does to the task that an earlier run left a change unfinished. C(virtioize recover), or the next conversion, brings it
        to an end.
    type: str
    choices:
      - fail
      - warn
      - ignore
    default: fail
seealso:
  - module: virtioize.libvirt.convert
"""

EXAMPLES = r"""
- name: See that all guests of the host are on virtio
  virtioize.libvirt.check:
  become: true

- name: Look, and go on whatever there is to convert
  virtioize.libvirt.check:
    noncompliant: ignore
  become: true
  register: standing
"""

RETURN = r"""
compliant:
  description: Whether all guests keep the rules, or are waived, and none waits for a restart.
  returned: when the program ran
  type: bool
guests:
  description: Each guest as in virtioize's JSON, with C(name), C(uuid), C(outcome), C(compliance) (what each rule says) and C(inventory).
  returned: when the program ran
  type: list
  elements: dict
  sample:
    - name: web1
      uuid: 6f1ed5c8-3d02-4a6b-8f5c-000000000001
      outcome: compliant
noncompliant_guests:
  description: The names of guests that break a rule, those that only wait for a restart left out.
  returned: when the program ran
  type: list
  elements: str
pending_guests:
  description: The names of guests that wait for a restart.
  returned: when the program ran
  type: list
  elements: str
summary:
  description: How many guests were looked at, and how many ended in which way.
  returned: when the program ran
  type: dict
waivers:
  description: All waivers of the host's configuration.
  returned: when the program ran
  type: list
  elements: dict
unfinished:
  description: Changes that an earlier run has left.
  returned: when the program ran
  type: list
  elements: dict
error:
  description: Why the run as a whole could not be done, with C(code), C(message) and C(hint).
  returned: when it could not
  type: dict
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
    reaction_spec,
)
from ansible_collections.virtioize.libvirt.plugins.module_utils.program import run_program
from ansible_collections.virtioize.libvirt.plugins.module_utils.reactions import (
    describe_guest,
    react,
    unfinished_guests,
)

# A check of some guests writes no reports. No guest's name has a slash, so that this leaves out none.
NOT_OF_ALL = '--exclude=/'

GOOD_OUTCOMES = ('compliant', 'skipped')


def argument_spec():
    """What the module can be told."""
    return dict(
        common_spec(),
        noncompliant=reaction_spec('fail'),
        pending=reaction_spec('warn'),
        interrupted=reaction_spec('fail'),
    )


def words_for(params, check_mode):
    """The command line."""
    return ['check'] + common_words(params) + ([NOT_OF_ALL] if check_mode else []) + guest_words(params)


def describe_breach(guest):
    """Name and broken rules of a guest, in one line."""
    rules = [rule for rule in guest.get('compliance') or [] if isinstance(rule, dict) and not rule.get('waiver')]
    broken = [rule for rule in rules if rule.get('result') not in ('pass', 'notapplicable')]
    told = u'; '.join(u'%s %s' % (rule.get('rule'), rule.get('message')) for rule in broken)
    return u'%s%s' % (guest.get('name'), u' (%s)' % told if told else u'')


def sort_out(guests):
    """Guests that break a rule, that wait for a restart, and that could not be read in full."""
    breaking = [guest for guest in guests if guest.get('outcome') in ('planned', 'refused')]
    pending = [guest for guest in guests if guest.get('outcome') == 'converted']
    told = GOOD_OUTCOMES + ('planned', 'refused', 'converted')
    return breaking, pending, [guest for guest in guests if guest.get('outcome') not in told]


def main():
    """Run the program and end the module."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    told, document = run_program(module, words_for(params, module.check_mode))
    breaking, pending, unreadable = sort_out(document['guests'])
    left = unfinished_guests(document)
    result = dict(
        told,
        changed=False,
        compliant=not (breaking or pending or unreadable or left),
        guests=document['guests'],
        noncompliant_guests=[guest.get('name') for guest in breaking],
        pending_guests=[guest.get('name') for guest in pending],
        summary=document['summary'],
        waivers=document.get('waivers', []),
        unfinished=document['unfinished'],
    )
    waiting = 'Converted, and still runs with its old disks'
    findings = [
        ('Left unfinished by an earlier run (virtioize recover)', params['interrupted'], left),
        ('Not readable in full', 'fail', [describe_guest(guest) for guest in unreadable]),
        ('Not compliant', params['noncompliant'], [describe_breach(guest) for guest in breaking]),
        (waiting, params['pending'], [describe_breach(guest) for guest in pending]),
    ]
    react(module, result, findings)


if __name__ == '__main__':
    main()
