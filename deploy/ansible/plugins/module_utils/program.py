# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs virtioize on the host and understands its JSON document. There is no shell anywhere."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re

from ansible.module_utils.common.text.converters import to_text

FORMAT_VERSION = 1

# With these a document came that tells how each guest ended; with others the run as a whole went wrong.
GUEST_STATUSES = (0, 1, 2, 3)

INTERRUPTED = (130, 143)

# Control characters but tab and line feed, and marks that turn the direction of writing: guests choose names and texts.
_UNPRINTABLE = re.compile(u'[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]')

_STDERR_END = 2000


def run_program(module, words):
    """
    Run the program with ``--json``.

    Returns what every result has, C(exit_status) (0 to 3) and C(cmd), and the document. Ends the module with what went wrong where
    there is none.
    """
    program = _find_program(module)
    command = [program, '--json'] + words
    status, stdout, stderr = module.run_command(command, expand_user_and_vars=False)
    document = _read_document(stdout)
    # Not rc: a task with one that is not 0 has failed, whatever else it says.
    told = dict(exit_status=status, cmd=command)
    if document is None:
        end = printable(to_text(stderr))[-_STDERR_END:]
        module.fail_json(
            msg='%s printed no JSON that this collection understands (exit status %s). %s' % (program, status, end),
            stderr=end,
            **told
        )
    if 'error' in document:
        module.fail_json(msg=_error_message(document['error']), error=document['error'], **told)
    if status not in GUEST_STATUSES:
        end = printable(to_text(stderr))[-_STDERR_END:]
        what = 'was interrupted' if status in INTERRUPTED else 'ended with exit status %s' % status
        module.fail_json(msg='%s %s. %s' % (program, what, end), stderr=end, document=document, **told)
    return told, document


def printable(value):
    """The same with nothing in its texts that a terminal would obey."""
    if isinstance(value, dict):
        return dict((printable(key), printable(one)) for key, one in value.items())
    if isinstance(value, list):
        return [printable(one) for one in value]
    if isinstance(value, type(u'')):
        return _UNPRINTABLE.sub(lambda found: u'\\u%04x' % ord(found.group()), value)
    return value


def _find_program(module):
    wanted = module.params['executable']
    found = module.get_bin_path(wanted, required=False, opt_dirs=['/usr/local/bin', '/opt/virtioize/bin'])
    if found is None:
        module.fail_json(
            msg="virtioize is not on this host: there is no program '%s'. The role virtioize.libvirt.virtioize installs "
            'it; the option executable names another place.' % wanted
        )
    return found


def _read_document(stdout):
    """The document, or None: what another program prints, or another version's."""
    try:
        document = json.loads(to_text(stdout))
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get('formatVersion') != FORMAT_VERSION:
        return None
    if isinstance(document.get('error'), dict):
        return printable(document)
    is_report = isinstance(document.get('summary'), dict) and all(
        _is_list_of_dicts(document.get(name)) for name in ('guests', 'recovered', 'unfinished')
    )
    return printable(document) if is_report and 'error' not in document else None


def _is_list_of_dicts(value):
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _error_message(error):
    parts = [error.get('message', 'virtioize failed.')]
    problems = error.get('problems')
    parts.extend(problems if isinstance(problems, list) else [])
    if error.get('hint'):
        parts.append(u'-> %s' % error['hint'])
    return u' '.join(u'%s' % part for part in parts)
