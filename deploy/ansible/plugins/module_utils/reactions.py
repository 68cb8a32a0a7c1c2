# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""What comes of how guests ended: a failure of the task, a warning, or nothing."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

_NAMED = 10


def react(module, result, findings):
    """
    End the module.

    findings: (what it is, reaction, texts, one for each guest), the worst first. All reactions "fail" become the message.
    """
    failures = []
    for what, reaction, texts in findings:
        if not texts or reaction == 'ignore':
            continue
        sentence = u'%s: %s' % (what, _join(texts))
        if reaction == 'fail':
            failures.append(sentence)
        else:
            module.warn(sentence)
    if failures:
        module.fail_json(msg=u' '.join(failures), **result)
    module.exit_json(**result)


def describe_guest(guest):
    """Name, reasons and next steps of a guest, in one line."""
    reasons = guest.get('refusals') or []
    told = [_describe(reason) for reason in reasons + [guest.get('error')] if isinstance(reason, dict)]
    return u'%s%s' % (guest.get('name'), u' (%s)' % u'; '.join(told) if told else u'')


def unfinished_guests(document):
    """The names of guests with a change that an earlier run has left."""
    return [u'%s' % (change.get('guest') or {}).get('name') for change in document['unfinished']]


def _describe(reason):
    hint = reason.get('hint')
    return u'%s: %s%s' % (reason.get('code'), reason.get('message'), u' -> %s' % hint if hint else u'')


def _join(texts):
    more = len(texts) - _NAMED
    return u', '.join(texts[:_NAMED]) + (u' and %d more' % more if more > 0 else u'') + u'.'
