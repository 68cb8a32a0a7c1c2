# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""The options that both modules have, and how options become words of a command line."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

REACTIONS = ['fail', 'warn', 'ignore']


def common_spec():
    """Argument spec of what is said to every command."""
    return dict(
        guests=dict(type='list', elements='str', default=[]),
        exclude=dict(type='list', elements='str', default=[]),
        guest_state=dict(type='str', choices=['running', 'shutoff']),
        connect=dict(type='str', aliases=['uri']),
        state_dir=dict(type='path'),
        config=dict(type='path'),
        executable=dict(type='str', default='virtioize'),
        **{'from': dict(type='list', elements='str', choices=['ide', 'sata', 'scsi', 'usb'])}
    )


def reaction_spec(default):
    """Argument spec of an option that says what comes of guests that ended in some way."""
    return dict(type='str', choices=REACTIONS, default=default)


def common_words(params):
    """The words for the options of common_spec, but for the guests themselves."""
    buses = params['from']
    spoken = dict(params, state=params['guest_state'], **{'from': ','.join(buses) if buses else None})
    return option_words(spoken, ['connect', 'state_dir', 'config', 'exclude', 'state', 'from'])


def option_words(params, names):
    """One word for each value: what a value begins with can't make another option of it."""
    words = []
    for name in names:
        option = '--' + name.replace('_', '-')
        value = params[name]
        if value is True:
            words.append(option)
        elif isinstance(value, list):
            words.extend('%s=%s' % (option, one) for one in value)
        elif value is not None and value is not False:
            words.append('%s=%s' % (option, value))
    return words


def guest_words(params):
    """The guests, behind a mark that ends the options."""
    return ['--'] + params['guests'] if params['guests'] else []
