# -*- coding: utf-8 -*-
# Copyright: the virtioize contributors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation of both modules says alike."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment:
    """Options of C(common_spec) in module_utils/command_line.py."""

    DOCUMENTATION = r"""
options:
  guests:
    description:
      - Which guests, each by its exact name, its UUID or a pattern such as C(web-*).
      - A name or pattern that matches no guest of the host fails the task.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Leave out guests whose names match one of these patterns.
    type: list
    elements: str
    default: []
  guest_state:
    description:
      - Only guests in this state (C(--state)).
    type: str
    choices:
      - running
      - shutoff
  from:
    description:
      - Which emulated buses count. Without it the configuration's, else C(ide), C(sata) and C(scsi).
    type: list
    elements: str
    choices:
      - ide
      - sata
      - scsi
      - usb
  connect:
    description:
      - The libvirt connection, as the host sees it. Without it the configuration's, else C(qemu:///system).
    type: str
    aliases:
      - uri
  state_dir:
    description:
      - Where backups, journal and lock lie on the host. Without it C(/var/lib/virtioize) as root.
    type: path
  config:
    description:
      - The configuration file on the host. Without it C(/etc/virtioize/config.yaml), where it is there.
    type: path
  executable:
    description:
      - The program, by its name or path.
    type: str
    default: virtioize
requirements:
  - virtioize on the host
notes:
  - libvirt's system connection and the state directory want root. Use C(become).
  - The program is run without a shell. What it tells comes from libvirt, and in parts from guests. Control characters in it are
    shown as their codes.
author:
  - The virtioize contributors
"""
